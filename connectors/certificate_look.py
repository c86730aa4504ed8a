"""What certificate a server shows, also one that is not trusted. Blocking; nothing is sent but what TLS needs.

A certificate that OpenSSL refuses is read by a second look that trusts it alone, whatever its dates and names.
"""

import contextlib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final, Literal

Protocol = Literal["imap", "pop3", "smtp", "https"]
LINE: Final = 4096
"""Bytes of one answer before TLS, at most."""
LINES: Final = 100
_NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which the module `ssl` does not name."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to look. `upgrades`: TLS begins with STARTTLS (IMAP, SMTP) or STLS (POP3)."""

    host: str
    port: int
    protocol: Protocol
    upgrades: bool = False
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate. `names` without its end when it cannot be read; `problem` is OpenSSL's, empty for a good one."""

    names: tuple[str, ...] = ()
    issuer: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    self_signed: bool = False
    problem: str = ""

    def days_left(self, now: datetime) -> int:
        """Whole days until it ends; negative after that."""
        return (self.ends - now).days if self.ends else 0

    def is_for(self, host: str) -> bool:
        """Whether one of its names is this host's (RFC 6125: a star stands for one whole label, the first)."""
        wanted = host.lower().rstrip(".")
        return any(_covers(name.lower(), wanted) for name in self.names)


def look(server: Server, context: ssl.SSLContext | None = None) -> Shown | None:
    """None when the server does not come as far as TLS. `context`: the trusted authorities; default: the system's."""
    try:
        return _shown(_certificate(server, context or ssl.create_default_context()))
    except ssl.SSLCertVerificationError as error:
        return _distrusted(server, str(error.verify_message))
    except (OSError, ValueError):
        return None


def _distrusted(server: Server, problem: str) -> Shown:
    try:
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        with _secured(server, blind) as connection:
            der = connection.getpeercert(binary_form=True) or b""
        alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        alone.check_hostname = False
        alone.verify_flags |= ssl.VerifyFlags(ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME)
        alone.load_verify_locations(cadata=der)
        return _shown(_certificate(server, alone), problem)
    except (OSError, ValueError):
        return Shown(problem=problem)


def _certificate(server: Server, context: ssl.SSLContext) -> Mapping[str, Any]:
    with _secured(server, context) as connection:
        return connection.getpeercert() or {}


def _secured(server: Server, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection((server.host, server.port), server.seconds)
    try:
        if server.upgrades:
            _upgrade(plain, server.protocol)
        return context.wrap_socket(plain, server_hostname=server.host)
    except BaseException:
        plain.close()
        raise


def _upgrade(plain: socket.socket, protocol: Protocol) -> None:
    """Raises OSError when the server does not want TLS."""
    with contextlib.closing(plain.makefile("rb")) as lines:
        _answer(lines)
        if protocol == "smtp":
            plain.sendall(b"EHLO [127.0.0.1]\r\n")
            while _answer(lines)[3:4] == b"-":
                pass
        plain.sendall({"imap": b"a STARTTLS\r\n", "smtp": b"STARTTLS\r\n"}.get(protocol, b"STLS\r\n"))
        if not any(_answer(lines).startswith((b"a OK", b"220", b"+OK")) for _ in range(3 if protocol == "imap" else 1)):
            raise OSError("no STARTTLS")


def _answer(lines: Any) -> bytes:
    line: bytes = lines.readline(LINE)
    if not line:
        raise OSError("the connection ended")
    return line


def _shown(found: Mapping[str, Any], problem: str = "") -> Shown:
    subject, issuer = _common_name(found.get("subject", ())), _common_name(found.get("issuer", ()))
    names = tuple(str(value) for kind, value in found.get("subjectAltName", ()) if kind in ("DNS", "IP Address"))
    return Shown(
        names=names or ((subject,) if subject else ()),
        issuer=issuer,
        begins=_moment(found.get("notBefore")),
        ends=_moment(found.get("notAfter")),
        self_signed=bool(found) and found.get("subject") == found.get("issuer"),
        problem=problem,
    )


def _common_name(parts: Any) -> str:
    pairs = [pair for part in parts for pair in part]
    return next((str(value) for key, value in pairs if key == "commonName"), str(pairs[-1][1]) if pairs else "")


def _moment(text: Any) -> datetime | None:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC) if isinstance(text, str) else None


def _covers(name: str, host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ip_address(name) == ip_address(host)
    if name.startswith("*."):
        return host.partition(".")[2] == name[2:]
    return name == host
