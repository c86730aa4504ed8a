"""From nothing to a logged-in POP3 connection: TCP, TLS with certificate checks, and the login itself. Blocking.

APOP (RFC 1939 §7) is not spoken: without TLS its MD5 gives passwords away, within TLS it adds nothing.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.certificates import note_certificate
from connectors.mailbox.limits import Timeouts
from connectors.mailbox.pop3_wire import ProtocolError, RefusedError, Wire
from connectors.oauth.sasl import MECHANISMS, TokenLogin, as_base64, chosen, from_base64, with_fresh_token
from connectors.oauth.tokens import TokenSource
from runtime.errors import InvalidInputError, TargetDownError
from runtime.secrets import without
from schemas.pop3_source import Pop3Source

CAPABILITIES = 200
"""Lines of a CAPA answer that are read."""

ANSWERS = 4
"""Challenges of one dialogue that are answered; there are two in the longest."""

BUSY = {"IN-USE": "pop3-in-use", "LOGIN-DELAY": "pop3-login-delay", "SYS/TEMP": "pop3-refused"}
"""Response codes of a refused login that say nothing about user and password (RFC 2449 §8.1, RFC 3206 §4)."""


@dataclass(frozen=True, slots=True)
class Pop3Account:
    """Which account, and what opening it needs. `password` is read at each login, so a changed one is seen; with
    `tokens` it is not asked for."""

    mailbox: str
    source: Pop3Source
    password: Callable[[], str]
    timeouts: Timeouts
    ssl_context: ssl.SSLContext | None = None
    tokens: TokenSource | None = None

    @property
    def place(self) -> str:
        """Host, port and mailbox, for texts."""
        return f"POP3 server {self.source.host}:{self.source.port} (mailbox {self.mailbox})"


@dataclass(slots=True)
class Greeted:
    """A connection before or after login, and what CAPA told on it (RFC 2449): words by name, in capital letters."""

    wire: Wire
    capabilities: dict[str, list[str]] = field(default_factory=dict)


def connect(account: Pop3Account) -> Greeted:
    """Connect, with TLS from the first byte or after STLS (RFC 2595 §4) unless the source says `none`, and log in.

    Raises TargetDownError `pop3-connect`, `pop3-tls`, `pop3-login` and those of BUSY.
    """
    with contextlib.ExitStack() as on_failure:
        try:
            wire = _greeted(account, on_failure)
            greeted = Greeted(wire, capabilities_of(wire))
            _log_in(greeted, account)
        except Exception as error:
            _translate(error, account)
            raise
        on_failure.pop_all()
    return greeted


def _greeted(account: Pop3Account, on_failure: contextlib.ExitStack) -> Wire:
    source, seconds = account.source, account.timeouts.read
    connection = socket.create_connection((source.host, source.port), account.timeouts.connect)
    on_failure.callback(connection.close)
    if source.security == "tls":
        connection = _secured(connection, account, on_failure)
    wire = Wire(connection, seconds)
    wire.greeting()
    if source.security == "starttls":
        wire.command("STLS")
        if not wire.clean:
            raise ProtocolError("it said something between STLS and TLS, which a stranger may have put in")
        wire = Wire(_secured(connection, account, on_failure), seconds)
    return wire


def _secured(connection: socket.socket, account: Pop3Account, on_failure: contextlib.ExitStack) -> socket.socket:
    context = account.ssl_context or ssl.create_default_context()
    connection.settimeout(account.timeouts.connect)
    secured = context.wrap_socket(connection, server_hostname=account.source.host)
    on_failure.callback(secured.close)
    note_certificate(account.mailbox, "pop3", secured)
    return secured


def capabilities_of(wire: Wire) -> dict[str, list[str]]:
    """What CAPA tells; nothing of a server that does not know it."""
    try:
        wire.command("CAPA")
    except RefusedError:
        return {}
    words = [line.upper().split() for line in wire.lines(CAPABILITIES)]
    return {line[0]: line[1:] for line in words if line}


def _log_in(greeted: Greeted, account: Pop3Account) -> None:
    offered = greeted.capabilities.get("SASL", [])
    if account.tokens is not None:
        _with_token(greeted.wire, account, account.tokens, offered)
        return
    user, password = account.source.username, account.password()
    if any(character in text for text in (user, password) for character in "\r\n\0"):
        raise InvalidInputError(f"user name or password of mailbox {account.mailbox} contains a line end or NUL")
    words = as_base64(f"\0{user}\0{password}".encode())
    try:
        if "PLAIN" in offered:
            _sasl(greeted.wire, "PLAIN", lambda _number, _challenge: words)
            return
        greeted.wire.command(f"USER {user}")
        greeted.wire.command(f"PASS {password}")
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"{account.place} offers no AUTH PLAIN, and USER and PASS cannot send characters outside ASCII; change "
            "the password"
        ) from None
    except RefusedError as error:
        raise _refusal(error, account, (password, words), f"the secret {account.source.password}") from error


def _with_token(wire: Wire, account: Pop3Account, tokens: TokenSource, offered: list[str]) -> None:
    mechanism = chosen([name for name in MECHANISMS if name in offered])
    if mechanism is None:
        raise TargetDownError(
            f"{account.place} offers no login with tokens here; use `password`, and check host, port and security",
            code="pop3-login",
        )
    login = TokenLogin(mechanism, account.source.username)
    refused = RefusedError("")

    def attempt(token: str) -> bool | None:
        nonlocal refused
        first = as_base64(login.first(token))

        def answer(number: int, challenge: bytes) -> str:
            return first if number == 1 else as_base64(login.answer_error(from_base64(challenge)))

        try:
            _sasl(wire, mechanism, answer)
        except RefusedError as error:
            refused = RefusedError(without(error.text, (token, first)))
            return None
        except OSError:
            tokens.refused(token)  # servers hang up on tokens that they do not like, too
            raise
        return True

    if not with_fresh_token(tokens, attempt):
        status = f" (status {login.status})" if login.status else ""
        raise _refusal(refused, account, (), f"that the account may use POP3, then {tokens.remedy}", status)


def _sasl(wire: Wire, mechanism: str, answer: Callable[[int, bytes], str]) -> None:
    """AUTH (RFC 5034), the first response on a line of its own: together they may be longer than a line may be."""
    wire.send(f"AUTH {mechanism}".encode("ascii"))
    for number in range(1, ANSWERS + 1):
        challenge = wire.challenge()
        if challenge is None:
            return
        wire.send(answer(number, challenge).encode("ascii"))
    wire.status()


def _refusal(
    error: RefusedError, account: Pop3Account, secrets: tuple[str, ...], check: str, status: str = ""
) -> TargetDownError:
    said = without(error.text, secrets)[:200]
    if error.code in BUSY:
        more = "; set the source's `every` higher" if error.code == "LOGIN-DELAY" else ""
        return TargetDownError(f"{account.place} lets nobody in now: {said}{more}", code=BUSY[error.code])
    whose = f"the login of {account.source.username!r}"
    return TargetDownError(
        f"{account.place} refused {whose}: {said}{status}; check `username` and {check}", code="pop3-login"
    )


def _translate(error: BaseException, account: Pop3Account) -> None:
    """Raise what a failed connection means, where it is the driver's."""
    place = account.place
    if isinstance(error, ssl.SSLCertVerificationError):
        raise TargetDownError(
            f"the certificate of {place} is not trusted: {error.verify_message}; use the host name that is in the "
            "certificate, or name a private authority's file in the environment variable SSL_CERT_FILE",
            code="pop3-tls",
        ) from error
    if isinstance(error, ssl.SSLError):
        raise TargetDownError(
            f"{place} does not speak TLS here: {error.reason}; check `port` (995 tls, 110 starttls) and `security`",
            code="pop3-tls",
        ) from error
    if isinstance(error, RefusedError):
        text = f"{place} refused: {error.text[:200]}; check host, port and security"
        raise TargetDownError(text, code="pop3-connect") from error
    if isinstance(error, OSError | ProtocolError):
        raise TargetDownError(
            f"{place} cannot be reached: {error}; check host, port and security", code="pop3-connect"
        ) from error


def leave(wire: Wire) -> None:
    """QUIT, waiting at most two seconds, and close. Never raises."""
    with contextlib.suppress(Exception):
        wire.socket.settimeout(2.0)
        wire.socket.sendall(b"QUIT\r\n")
        wire.socket.recv(512)
    with contextlib.suppress(Exception):
        wire.socket.close()
