"""Erasure: that an address is to be forgotten, and which events that was. Neither says whose address it is."""

import hashlib
import hmac
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Timestamp
from schemas.comparable import folded_address
from schemas.mail import Published

SECRET = "ERASURE_KEY"  # noqa: S105 - the name of a secret
SHORTEST_KEY = 32
MAX_EVENTS = 1_000
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ErasureKey:
    """What makes digests of addresses: HMAC-SHA-256 (RFC 2104). Raises ValueError when the secret is too short."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST_KEY:
            raise ValueError(f"the secret {SECRET} must have at least {SHORTEST_KEY} characters")
        self._secret = secret.encode("utf-8", "replace")

    def digest(self, address: str) -> str:
        """Of the address in the form in which addresses are compared."""
        return self._made("address", folded_address(address))

    @property
    def check(self) -> str:
        """Tells this key from another one, without telling it."""
        return self._made("check", "")[:16]

    def _made(self, what: str, text: str) -> str:
        return hmac.new(self._secret, f"{what}:{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class ErasureRequested(Published):
    """What was received of, or sent to, an address before a moment is to be forgotten."""

    ce_type: ClassVar[str] = "maildesk.erasure-requested.v1"
    digest: Digest = Field(description="HMAC-SHA-256 of the address, made with the secret ERASURE_KEY")
    key_check: str = Field(description="tells which key that was")
    requested_at: Timestamp

    @property
    def record_id(self) -> str:
        return f"{self.record_key}@{self.requested_at.isoformat()}"

    @property
    def record_key(self) -> str:
        return f"erasure/{self.digest}"


class EventsErased(Published):
    """Events whose content is gone from the ledger, and has to go everywhere. A page never changes."""

    ce_type: ClassVar[str] = "maildesk.events-erased.v1"
    digest: Digest = Field(description="of the address, as in the request")
    page: int = Field(ge=1)
    events: tuple[UUID, ...] = Field(max_length=MAX_EVENTS)

    @property
    def record_id(self) -> str:
        return self.record_key

    @property
    def record_key(self) -> str:
        return f"erased/{self.digest}/{self.page}"
