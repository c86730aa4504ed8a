"""Getting a refresh token for a mailbox and keeping it where its secrets are."""

from collections.abc import Callable

from connectors.oauth import browser, device
from connectors.oauth.granting import Client
from connectors.oauth.http import OAuthTimeouts
from runtime.clock import Clock
from runtime.errors import InvalidInputError
from runtime.secrets import SecretFolder
from schemas.mailbox import Mailbox
from schemas.oauth import OAuth


def grants_of(mailbox: Mailbox) -> list[tuple[str, OAuth]]:
    """User names and grants of the mailbox, each once. Raises InvalidInputError when it logs in with none."""
    found = {oauth: user for user, oauth in mailbox.logins if oauth is not None}
    if not found:
        raise InvalidInputError(
            f"mailbox {mailbox.id} does not log in with tokens; give its source or its outgoing `oauth` first"
        )
    return [(user, oauth) for oauth, user in found.items()]


async def authorize(
    user: str,
    oauth: OAuth,
    secrets: SecretFolder,
    clock: Clock,
    tell: Callable[[str], None],
    timeouts: OAuthTimeouts | None = None,
) -> None:
    """Asks a person for consent and keeps the refresh token. Raises InvalidInputError, TargetDownError.

    Where it could not be kept, or the application's own secret is missing, nobody is asked.
    """
    secrets.check(oauth.refresh_token)
    if oauth.client_secret is not None:
        secrets(oauth.client_secret)
    client = Client(oauth, secrets, timeouts or OAuthTimeouts())
    if oauth.ends.device_url is not None:
        code = await device.begin(client)
        tell(f"Open {code.address} as {user}, and enter the code {code.user_code}")
        token = await device.finish(client, code, clock)
    else:
        token = await browser.authorize(
            client, user, lambda url: tell(f"Open this in a browser of this machine, as {user}:\n\n{url}\n")
        )
    secrets.keep(oauth.refresh_token, token)
