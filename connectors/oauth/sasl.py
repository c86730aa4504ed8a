"""The words of the two SASL mechanisms that take a token: OAUTHBEARER (RFC 7628) and Google's XOAUTH2."""

import base64
import json
import re
from collections.abc import Callable, Collection
from typing import Final, Literal, TypeVar

from connectors.oauth.tokens import TokenSource
from runtime.errors import InvalidInputError

T = TypeVar("T")
Mechanism = Literal["OAUTHBEARER", "XOAUTH2"]
MECHANISMS: Final[tuple[Mechanism, ...]] = ("OAUTHBEARER", "XOAUTH2")
"""The standard one first."""

_STATUS: Final = re.compile(r"[A-Za-z0-9_]{1,40}")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f]")


def chosen(offered: Collection[str]) -> Mechanism | None:
    """Of the mechanisms that a server offers, in capital letters."""
    return next((mechanism for mechanism in MECHANISMS if mechanism in offered), None)


class TokenLogin:
    """What one user says. Raises InvalidInputError for a user name with control characters, which end fields here."""

    def __init__(self, mechanism: Mechanism, user: str) -> None:
        if _UNSAFE.search(user):
            raise InvalidInputError("the user name of a login with tokens contains a control character")
        self._mechanism = mechanism
        self._user = user
        self.status = ""
        """The reason that the server gave at last, in its one word."""

    def first(self, token: str) -> bytes:
        """The first response."""
        if self._mechanism == "XOAUTH2":
            return f"user={self._user}\x01auth=Bearer {token}\x01\x01".encode()
        name = self._user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01auth=Bearer {token}\x01\x01".encode()

    def answer_error(self, challenge: bytes) -> bytes:
        """After the first response a challenge, without base64, is the server's error in JSON. It wants one more,
        empty, answer before it ends the dialogue (RFC 7628 §3.2.3)."""
        self.status = _status(challenge)
        return b"" if self._mechanism == "XOAUTH2" else b"\x01"


def with_fresh_token(source: TokenSource, attempt: Callable[[str], T | None]) -> T | None:
    """`attempt` with a token; None means that the server did not take it: then once more with a fresh one."""
    for _ in range(2):
        token = source.token()
        if (done := attempt(token)) is not None:
            return done
        source.refused(token)
    return None


def as_base64(response: bytes) -> str:
    """As a line of SMTP has it (RFC 4954 §4)."""
    return base64.b64encode(response).decode("ascii")


def from_base64(text: bytes) -> bytes:
    """Nothing of what is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _status(challenge: bytes) -> str:
    try:
        found = json.loads(challenge).get("status")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return found if isinstance(found, str) and _STATUS.fullmatch(found) else ""
