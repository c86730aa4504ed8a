"""From nothing to a logged-in connection: TCP, TLS with certificate checks, and the login. Blocking."""

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connectors.certificates import note_certificate
from connectors.oauth.sasl import TokenLogin, as_base64, chosen, from_base64, with_fresh_token
from connectors.oauth.tokens import TokenSource
from connectors.smtp.answers import shown
from runtime.errors import TargetDownError
from schemas.outgoing import Outgoing

_LOGGED_IN: Final = (235, 503)
_CHALLENGE: Final = 334
_PASSWORDS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")


@dataclass(frozen=True, slots=True)
class SmtpTimeouts:
    """Seconds: to connect, for the answer to each command, and for the answer to a whole message."""

    connect: float = 10.0
    command: float = 30.0
    message: float = 60.0


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Which server, and what opening it needs. `password` is read at each login, so a changed one is seen."""

    mailbox: str
    outgoing: Outgoing
    password: Callable[[], str]
    timeouts: SmtpTimeouts = SmtpTimeouts()
    ssl_context: ssl.SSLContext | None = None
    tokens: TokenSource | None = None
    """Where the login is by token; then the password is not asked for."""

    @property
    def place(self) -> str:
        """Host, port and mailbox, for texts."""
        return f"SMTP server {self.outgoing.host}:{self.outgoing.port} (mailbox {self.mailbox})"


def open_client(account: SmtpAccount) -> smtplib.SMTP:
    """A client that is greeted, secured and logged in. Raises TargetDownError."""
    client = _connected(account)
    try:
        _greet(client, account)
        note_certificate(account.mailbox, "smtp", client.sock)
        if account.outgoing.username is not None:
            _log_in(client, account, account.outgoing.username)
    except BaseException:
        client.close()
        raise
    return client


def _connected(account: SmtpAccount) -> smtplib.SMTP:
    outgoing, timeout = account.outgoing, account.timeouts.connect
    try:
        if outgoing.security == "tls":
            context = account.ssl_context or ssl.create_default_context()
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                outgoing.host, outgoing.port, _own_name(), timeout=timeout, context=context
            )
        else:
            client = smtplib.SMTP(outgoing.host, outgoing.port, _own_name(), timeout)
        assert client.sock is not None
        client.sock.settimeout(account.timeouts.command)
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(account, error) from error
    return client


def _greet(client: smtplib.SMTP, account: SmtpAccount) -> None:
    try:
        client.ehlo_or_helo_if_needed()
        if account.outgoing.security == "starttls":
            client.starttls(context=account.ssl_context or ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
    except smtplib.SMTPNotSupportedError as error:
        raise TargetDownError(
            f"{account.place} does not offer STARTTLS; nothing is sent in the clear: use security `tls` with its port "
            "(usually 465), or the port that has STARTTLS (usually 587)",
            code="smtp-tls",
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(account, error) from error


def _log_in(client: smtplib.SMTP, account: SmtpAccount, username: str) -> None:
    offered = str(client.esmtp_features.get("auth", "")).upper().split()
    if account.tokens is not None:
        _log_in_with_token(client, account, account.tokens, username)
        return
    if not set(offered) & set(_PASSWORDS):
        kinds = f"only {', '.join(offered[:5])}" if offered else "no login"
        raise TargetDownError(
            f"{account.place} offers {kinds} here: use `oauth` instead of `password` where it takes tokens, or a relay "
            "that takes passwords, and check port and security",
            code="smtp-login",
        )
    password = account.password()
    secret = base64.b64encode(f"\0{username}\0{password}".encode()).decode("ascii")
    try:
        if "PLAIN" in offered:
            code, answer = client.docmd("AUTH", f"PLAIN {secret}")
            if code not in _LOGGED_IN:
                raise smtplib.SMTPAuthenticationError(code, answer)
        else:
            client.login(username, password)
    except (OSError, smtplib.SMTPException, UnicodeEncodeError) as error:
        said = _words(error, (password, secret))
        raise TargetDownError(
            f"{account.place} refused the login of {username!r}: {said}; check `username` and the secret "
            f"{account.outgoing.password}",
            code="smtp-login",
        ) from error


def _log_in_with_token(client: smtplib.SMTP, account: SmtpAccount, tokens: TokenSource, username: str) -> None:
    offered = str(client.esmtp_features.get("auth", "")).upper().split()
    mechanism = chosen(offered)
    if mechanism is None:
        raise TargetDownError(
            f"{account.place} offers no login with tokens here ({', '.join(offered[:5]) or 'no login at all'}); use "
            "`password`, and check port and security",
            code="smtp-login",
        )
    login, said = TokenLogin(mechanism, username), ""

    def attempt(token: str) -> bool | None:
        nonlocal said
        words = as_base64(login.first(token))
        try:
            code, answer = client.docmd("AUTH", f"{mechanism} {words}")
            if code == _CHALLENGE:
                code, answer = client.docmd(as_base64(login.answer_error(from_base64(answer))))
        except (OSError, smtplib.SMTPException):
            tokens.refused(token)  # servers hang up on tokens that they do not like, too
            raise
        said = f"{code} {shown(answer, (token, words))}{f' (status {login.status})' if login.status else ''}"
        return True if code in _LOGGED_IN else None

    try:
        done = with_fresh_token(tokens, attempt)
    except (OSError, smtplib.SMTPException) as error:
        raise TargetDownError(f"{account.place} broke the connection at login", code="smtp-login") from error
    if not done:
        raise TargetDownError(
            f"{account.place} refused the login of {username!r} with a fresh token: {said}; check `username` and that "
            f"the account may send by SMTP, then {tokens.remedy}",
            code="smtp-login",
        )


def _unreachable(account: SmtpAccount, error: Exception) -> TargetDownError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TargetDownError(
            f"the certificate of {account.place} is not trusted: {error.verify_message}; use the host name that is in "
            "the certificate, or name a private authority's file in the environment variable SSL_CERT_FILE",
            code="smtp-tls",
        )
    if isinstance(error, ssl.SSLError):
        return TargetDownError(
            f"{account.place} does not speak TLS here: {error.reason}; check `port` (465 tls, 587 starttls) and "
            "`security`",
            code="smtp-tls",
        )
    return TargetDownError(
        f"{account.place} cannot be reached: {_words(error)}; check host, port and security", code="smtp-connect"
    )


def _words(error: Exception, secrets: tuple[str, ...] = ()) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return f"{error.smtp_code} {shown(answer if isinstance(answer, bytes) else str(answer).encode(), secrets)}"
    if isinstance(error, UnicodeEncodeError):
        return "it takes ASCII passwords only"  # whose text would quote the password
    return shown(str(error).encode(), secrets)


def _own_name() -> str:
    """What EHLO says; smtplib would ask the name server, which may take its time."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
