"""How a mailbox sends: its own SMTP server, and the address that its mail comes from."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas.account import require_inside
from schemas.base import Authored, empty
from schemas.oauth import OAuth
from schemas.presets import SMTP, PresetName, filled
from schemas.secret_name import SecretName

MAX_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_LINE_ENDS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def is_plain_address(text: str) -> bool:
    """Whether it is an address that every SMTP server takes: ASCII, unquoted, at most 254 octets (RFC 5321 §4.5.3.1).

    Dots must be inside the local part and single (RFC 5322 §3.2.3, dot-atom).
    """
    local = text.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return len(text) <= MAX_ADDRESS and not dots and _ADDRESS.fullmatch(text) is not None


def _plain(text: str) -> str:
    if not is_plain_address(text):
        raise ValueError("must be one address, such as support@company.example, without name or angle brackets")
    return text


def _one_line(text: str) -> str:
    if _LINE_ENDS.search(text):
        raise ValueError("must be one line without control characters")
    return text


SentFrom = Annotated[str, AfterValidator(_plain)]
OneLine = Annotated[str, AfterValidator(_one_line)]


class Outgoing(Authored):
    """The mailbox's submission server (RFC 6409), and who its mail is from. Automatic replies go out by it."""

    host: Annotated[OneLine, StringConstraints(max_length=253)] = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="tls: from the first byte (usually port 465); none: only on this machine"
    )
    username: Annotated[OneLine, StringConstraints(max_length=320)] | None = Field(
        default=None, description="left out: no login"
    )
    password: SecretName | None = Field(default=None, description="the name of a secret, never the secret itself")
    oauth: OAuth | None = Field(default=None, exclude_if=empty, description="instead of a password")
    preset: PresetName | None = Field(
        default=None, exclude_if=empty, description="fills in what is left out of host, port, security"
    )
    address: SentFrom = Field(description="the address that its mail is from")
    name: OneLine = Field(default="", max_length=100, description="the name beside that address")

    @model_validator(mode="before")
    @classmethod
    def _preset_fills(cls, given: Any) -> Any:
        return filled(given, SMTP)

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if not self.host:
            raise ValueError("give host, or a preset that knows it")
        if self.password is not None and self.oauth is not None:
            raise ValueError("give either password or oauth, not both")
        if (self.username is None) != (self.password is None and self.oauth is None):
            raise ValueError("give username and password, or neither; password is the name of a secret")
        return self

    @model_validator(mode="after")
    def _open_lines_stay_inside(self) -> Self:
        require_inside(self.host, self.security, "starttls or tls")
        return self
