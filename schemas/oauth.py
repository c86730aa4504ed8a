"""How a mailbox logs in with tokens instead of a password (RFC 6749), and what the big providers want."""

import re
from typing import Annotated, Final, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas.base import Authored, empty
from schemas.secret_name import SecretName

_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")


def _secure(url: str) -> str:
    parts = urlsplit(url)
    inside = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    if not _VISIBLE.fullmatch(url) or not parts.hostname or not (parts.scheme == "https" or inside):
        raise ValueError("must be an https:// address: secrets are sent there")
    if parts.username is not None or parts.fragment:
        raise ValueError("must be an address without user name, password or fragment")
    return url


EndPoint = Annotated[str, StringConstraints(max_length=500), AfterValidator(_secure)]


class Provider(NamedTuple):
    """Addresses of a provider's end points, and the rights for IMAP and SMTP; `{tenant}` is filled in."""

    token_url: str
    scope: str
    device_url: str | None = None
    login_url: str | None = None


PROVIDERS: Final[dict[str, Provider]] = {
    "google": Provider(
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        # Google's device flow grants no right on mail, so it is asked for in a browser.
        login_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
    ),
    "microsoft": Provider(
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 - an address
        device_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
    ),
}


class OAuth(Authored):
    """Logging in with tokens. `maildesk mailboxes authorize` fetches the refresh token and keeps it as a secret."""

    provider: Literal["google", "microsoft", "custom"]
    tenant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")] | None = Field(
        default=None, exclude_if=empty, description="microsoft: the directory's id or domain; left out: `common`"
    )
    client_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")] = Field(
        description="of the application that you registered with the provider"
    )
    client_secret: SecretName | None = Field(
        default=None, exclude_if=empty, description="the name of a secret; public applications have none"
    )
    refresh_token: SecretName = Field(description="the name of the secret that keeps the refresh token")
    token_url: EndPoint | None = Field(default=None, exclude_if=empty, description="RFC 6749 §3.2")
    device_url: EndPoint | None = Field(default=None, exclude_if=empty, description="RFC 8628 §3.1")
    login_url: EndPoint | None = Field(default=None, exclude_if=empty, description="RFC 6749 §3.1, for browsers")
    scope: Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,1000}$")] | None = Field(
        default=None, exclude_if=empty, description="the rights to ask for, separated by spaces"
    )

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if self.provider == "custom" and self.token_url is None:
            raise ValueError("provider: custom needs token_url")
        if self.tenant is not None and self.provider != "microsoft":
            raise ValueError("tenant is for provider: microsoft")
        return self

    @property
    def ends(self) -> Provider:
        """What is given, else what the provider is known to want."""
        known = PROVIDERS.get(self.provider, Provider("", ""))
        tenant = self.tenant or "common"
        return Provider(
            token_url=self.token_url or known.token_url.format(tenant=tenant),
            scope=self.scope or known.scope,
            device_url=self.device_url or (known.device_url and known.device_url.format(tenant=tenant)),
            login_url=self.login_url or known.login_url,
        )
