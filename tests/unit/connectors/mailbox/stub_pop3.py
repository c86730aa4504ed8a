"""A POP3 server of a few lines that can be made wrong in every way; each command is noted."""

import base64
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from connectors.mailbox.limits import ReadLimits, Timeouts
from connectors.mailbox.pop3 import Known, Pop3Mailbox
from connectors.mailbox.pop3_login import Pop3Account
from runtime.clock import FakeClock
from schemas.pop3_source import Pop3Source

OK = b"+OK\r\n"
HANG_UP = b""


@dataclass(slots=True)
class StubPop3:
    """`mails`: unique id and raw mail, in order; `password` is expected.

    `answer`: what to send instead to a command, all its bytes; HANG_UP ends the connection; None: as it should be.
    """

    port: int
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    password: str = "secret"
    capabilities: tuple[str, ...] = ("TOP", "UIDL", "USER", "SASL PLAIN")
    size: Callable[[bytes], int] = len
    answer: Callable[[str], bytes | None] = lambda _command: None
    commands: list[str] = field(default_factory=list)
    sessions: int = 0

    def serve(self, listener: socket.socket) -> None:
        """One connection after the other, until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.sessions += 1
                with contextlib.suppress(OSError), connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(self.answer("") or b"+OK ready\r\n")
        while line := lines.readline():
            command = line.decode("latin-1").rstrip("\r\n")
            self.commands.append(command)
            said = self.answer(command)
            if said is None:
                said = self._said(command, connection, lines.readline)
            if said == HANG_UP:
                return
            connection.sendall(said)
            if command == "QUIT":
                return

    def _said(self, command: str, connection: socket.socket, next_line: Callable[[], bytes]) -> bytes:
        word, _, rest = command.partition(" ")
        if word == "CAPA":
            return _listing(self.capabilities)
        if word == "AUTH":
            connection.sendall(b"+ \r\n")
            _, _, given = base64.b64decode(next_line()).decode().split("\0") if rest == "PLAIN" else ("", "", "")
            return OK if given == self.password else b"-ERR [AUTH] no\r\n"
        if word == "PASS":
            return OK if rest == self.password else b"-ERR no\r\n"
        if word == "UIDL" and rest:
            number = int(rest)
            return (
                f"+OK {number} {self.mails[number - 1][0]}\r\n".encode() if number <= len(self.mails) else b"-ERR\r\n"
            )
        if word == "UIDL":
            return _listing(f"{n} {uidl}" for n, (uidl, _) in enumerate(self.mails, 1))
        if word == "LIST":
            return _listing(f"{n} {self.size(raw)}" for n, (_, raw) in enumerate(self.mails, 1))
        if word in ("TOP", "RETR"):
            which, _, lines = rest.partition(" ")
            raw = self.mails[int(which) - 1][1]
            return as_message(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if lines == "0" else raw)
        return OK


def as_message(raw: bytes) -> bytes:
    """With dot stuffing, as TOP and RETR send it."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    return OK + stuffed + (b"" if raw.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _listing(lines: Iterable[str]) -> bytes:
    return OK + "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b".\r\n"


@contextlib.contextmanager
def running_stub() -> Iterator[StubPop3]:
    """On a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stub = StubPop3(int(listener.getsockname()[1]))
        threading.Thread(target=stub.serve, args=(listener,), daemon=True).start()
        yield stub
        listener.shutdown(socket.SHUT_RDWR)


def mailbox_on(
    stub: StubPop3,
    *,
    user: str = "anna",
    password: str = "secret",  # noqa: S107 - of a stub
    known: Known | None = None,
    limits: ReadLimits | None = None,
    silence: float = 2.0,
) -> Pop3Mailbox:
    """The account; `silence`: seconds that it waits for an answer."""
    source = Pop3Source(kind="pop3", host="127.0.0.1", port=stub.port, security="none", username=user, password="ANNA")
    account = Pop3Account("test", source, lambda: password, Timeouts(2.0, silence))
    return Pop3Mailbox(account, FakeClock(), known=known, limits=limits)
