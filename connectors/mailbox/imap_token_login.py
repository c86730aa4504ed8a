"""AUTHENTICATE with a token instead of a password. Blocking."""

from typing import TYPE_CHECKING, Any, Final

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.oauth.sasl import MECHANISMS, TokenLogin, as_base64, chosen, with_fresh_token
from connectors.oauth.tokens import TokenSource
from runtime.errors import TargetDownError
from runtime.secrets import without

if TYPE_CHECKING:
    from connectors.mailbox.imap_session import Account

ANSWERS: Final = 4
"""Challenges of one dialogue that are answered; there are two in the longest."""


def log_in_with_token(client: Any, account: "Account", tokens: TokenSource, place: str) -> None:
    """A token that is refused is replaced by a fresh one, once. Raises TargetDownError `imap-login`, or what the
    token server's errors are."""
    mechanism = chosen([name for name in MECHANISMS if client.has_capability(f"AUTH={name}")])
    if mechanism is None:
        raise TargetDownError(
            f"{place} offers no login with tokens here; use `password`, and check host, port and security",
            code="imap-login",
        )
    user = account.source.username
    login, said = TokenLogin(mechanism, user), ""

    def attempt(token: str) -> bool | None:
        nonlocal said
        try:
            client.sasl_login(mechanism, _Dialogue(login, token))
        except (OSError, IMAPClientError) as error:
            if isinstance(error, OSError) or isinstance(error.__context__, IMAPClientAbortError | OSError):
                tokens.refused(token)  # servers hang up on tokens that they do not like, too
                raise TargetDownError(f"{place} broke the connection at login", code="imap-connect") from error
            said = without(str(error), (token, as_base64(login.first(token))))[:200]
            return None
        except ValueError as error:  # a challenge that is not base64
            raise TargetDownError(f"{place} answers the login with what cannot be read", code="imap-login") from error
        return True

    if not with_fresh_token(tokens, attempt):
        status = f" (status {login.status})" if login.status else ""
        raise TargetDownError(
            f"{place} refused the login of {user!r} with a fresh token: {said}{status}; check `username` and that the "
            f"account may use IMAP, then {tokens.remedy}",
            code="imap-login",
        )


class _Dialogue:
    """imaplib calls it with each challenge, the empty first one too; None ends the dialogue."""

    def __init__(self, login: TokenLogin, token: str) -> None:
        self._login = login
        self._token = token
        self._count = 0

    def __call__(self, challenge: bytes) -> bytes | None:
        self._count += 1
        if self._count == 1:
            return self._login.first(self._token)
        return self._login.answer_error(challenge) if self._count < ANSWERS else None
