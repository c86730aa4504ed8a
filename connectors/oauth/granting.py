"""The form that ends every flow: something that the user consented to, for a refresh token."""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from connectors.oauth.http import OAuthTimeouts, Refused, post_form
from runtime.errors import InvalidInputError
from schemas.oauth import OAuth

_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,20000}")


class Client(NamedTuple):
    """The application as the provider knows it; `secret` reads a named secret."""

    oauth: OAuth
    secret: Callable[[str], str]
    timeouts: OAuthTimeouts = OAuthTimeouts()

    async def ask(self, url: str, form: Mapping[str, str]) -> dict[str, Any] | Refused:
        """Raises TargetDownError when the end point does not answer as one."""
        given = {"client_id": self.oauth.client_id, **form}
        return await asyncio.to_thread(post_form, url, given, self.timeouts)

    async def ask_for_token(self, form: Mapping[str, str]) -> dict[str, Any] | Refused:
        """At the token end point, where the application's own secret is wanted."""
        name = self.oauth.client_secret
        own = {} if name is None else {"client_secret": self.secret(name)}
        return await self.ask(self.oauth.ends.token_url, {**own, **form})


def refresh_token_of(answer: Mapping[str, Any]) -> str:
    """Raises InvalidInputError when the provider gave none."""
    found = answer.get("refresh_token")
    if isinstance(found, str) and _TOKEN.fullmatch(found):
        return found
    raise InvalidInputError(
        "the provider gave no refresh token; ask for it in `scope` (Microsoft: offline_access), or let the account "
        "take back its consent first and try again",
        code="oauth-no-refresh",
    )


def refusal(refused: Refused, what: str) -> InvalidInputError:
    """For what a person has to change."""
    reason = {
        "access_denied": "the consent was denied",
        "authorization_declined": "the consent was denied",
        "expired_token": "the code has expired before it was used; start again",
        "invalid_scope": "the provider does not grant these rights this way; check `scope`",
        "invalid_client": "the provider does not know this application, or its secret is wrong; check client_id and "
        "client_secret (Microsoft: allow public client flows)",
        "unauthorized_client": "the application may not do this; allow it in its registration (Microsoft: public "
        "client flows)",
    }.get(refused.code, "the provider refuses it")
    return InvalidInputError(f"{what}: {reason}: {refused}", code="oauth-refused")
