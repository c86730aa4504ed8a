"""From nothing to a logged-in connection: TCP, TLS with certificate checks, and the login itself."""

import base64
import contextlib
import ssl
from typing import TYPE_CHECKING, Any

from imapclient import SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.certificates import note_certificate
from connectors.mailbox.imap_answers import UidClient
from connectors.mailbox.imap_token_login import log_in_with_token
from runtime.errors import InvalidInputError, TargetDownError
from runtime.secrets import without

if TYPE_CHECKING:
    from connectors.mailbox.imap_session import Account


def open_socket(account: "Account", timeout: SocketTimeout, place: str) -> Any:
    """Connect, with TLS from the first byte or after STARTTLS (RFC 8314) unless the source says `none`.

    Raises TargetDownError `imap-connect` or `imap-tls`.
    """
    source = account.source
    context = account.ssl_context or ssl.create_default_context()
    try:
        client = UidClient(source.host, source.port, ssl=source.security == "tls", ssl_context=context, timeout=timeout)
        if source.security == "starttls":
            _start_tls(client, context)
    except ssl.SSLCertVerificationError as error:
        raise TargetDownError(
            f"the certificate of {place} is not trusted: {error.verify_message}; use the host name that is in the "
            "certificate, or name a private authority's file in the environment variable SSL_CERT_FILE",
            code="imap-tls",
        ) from error
    except ssl.SSLError as error:
        raise TargetDownError(
            f"{place} does not speak TLS here: {error.reason}; check `port` (993 tls, 143 starttls) and `security`",
            code="imap-tls",
        ) from error
    except (OSError, IMAPClientError) as error:
        raise TargetDownError(
            f"{place} cannot be reached: {error}; check host, port and security", code="imap-connect"
        ) from error
    note_certificate(account.mailbox, "imap", client.socket())
    return client


def _start_tls(client: Any, context: ssl.SSLContext) -> None:
    try:
        client.starttls(context)
    except BaseException:
        with contextlib.suppress(Exception):
            client.shutdown()
        raise


def log_in(client: Any, account: "Account", place: str) -> None:
    """With a token where the source has `oauth`; else AUTHENTICATE PLAIN (RFC 4616) where offered, since it takes any
    character, else LOGIN.

    Raises TargetDownError `imap-login` when the server refuses, InvalidInputError for what LOGIN cannot send.
    """
    if account.tokens is not None:
        log_in_with_token(client, account, account.tokens, place)
        return
    user, password = account.source.username, account.password()
    if any(c in text for text in (user, password) for c in "\r\n\0"):
        raise InvalidInputError(f"user name or password of mailbox {account.mailbox} contains a line end or NUL")
    try:
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, password)
        else:
            client.login(_quoted(user), password)
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"{place} offers no AUTH=PLAIN, and LOGIN cannot send characters outside ASCII; change the password"
        ) from None
    except (OSError, IMAPClientError) as error:
        if isinstance(error, OSError) or isinstance(error.__context__, IMAPClientAbortError | OSError):
            raise TargetDownError(f"{place} broke the connection at login: {error}", code="imap-connect") from error
        words = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
        said = without(str(error), (password, words))[:200]
        raise TargetDownError(
            f"{place} refused the login of {user!r}: {said}; check `username` and the secret {account.source.password}",
            code="imap-login",
        ) from error


def _quoted(text: str) -> str:
    # imaplib quotes the password only.
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
