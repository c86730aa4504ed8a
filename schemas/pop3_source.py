"""A POP3 account: mail that can be read, and nothing else."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from schemas.account import require_inside, require_login
from schemas.base import Authored, empty
from schemas.oauth import OAuth
from schemas.presets import POP3, PresetName, filled
from schemas.secret_name import SecretName


class Pop3Source(Authored):
    """A POP3 account (RFC 1939) whose mail stays on the server. It has no folders, flags or tags, so nothing can be
    changed there, and no sent mail is read.

    It logs in with a password or with tokens.
    """

    kind: Literal["pop3"]
    host: str = ""
    port: int = Field(default=995, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="tls: from the first byte; starttls: usually port 110; none: only on this machine"
    )
    username: str = Field(min_length=1)
    password: SecretName | None = Field(
        default=None, exclude_if=empty, description="the name of a secret, never the secret itself"
    )
    oauth: OAuth | None = Field(default=None, exclude_if=empty, description="instead of a password")
    preset: PresetName | None = Field(
        default=None, exclude_if=empty, description="fills in what is left out of host, port, security"
    )
    every: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="seconds between two looks, at least: each is a login, and servers refuse those who come too often",
    )

    @model_validator(mode="before")
    @classmethod
    def _preset_fills(cls, given: Any) -> Any:
        return filled(given, POP3)

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        require_login(self.host, self.password, self.oauth)
        return self

    @model_validator(mode="after")
    def _open_lines_stay_inside(self) -> Self:
        require_inside(self.host, self.security, "tls or starttls")
        return self
