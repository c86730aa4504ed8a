"""IDLE against a server's side of a socket that says anything: in pieces, too much, nothing, or goodbye."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pytest

from connectors.mailbox.imap_idle import Idle, Word


@dataclass
class Imaplib:
    """The part of imaplib that is used."""

    sock: socket.socket
    file: BinaryIO
    tagged_commands: dict[bytes, Any] = field(default_factory=dict)

    def _new_tag(self) -> bytes:
        self.tagged_commands[b"T1"] = None
        return b"T1"

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)


@dataclass
class Client:
    _imap: Imaplib

    def socket(self) -> socket.socket:
        return self._imap.sock


@dataclass
class Line:
    """Both ends."""

    idle: Idle
    server: socket.socket
    imap: Imaplib

    def begin(self, more: bytes = b"") -> None:
        self.server.sendall(b"+ idling\r\n" + more)
        assert self.idle.begin()
        assert self.server.recv(100) == b"T1 IDLE\r\n"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr("connectors.mailbox.imap_idle.PATIENCE", 0.3)
    ours, server = socket.socketpair()
    server.settimeout(5)
    with ours, server, ours.makefile("rb") as file:
        imap = Imaplib(ours, file)
        yield Line(Idle(Client(imap), 5.0), server, imap)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (b"* 3 EXISTS\r\n", Word.NEW),
        (b"* 3 exists\r\n* 1 RECENT\r\n", Word.NEW),
        (b"* STATUS Sent (MESSAGES 1 UIDNEXT 2)\r\n", Word.MAYBE),
        (b"* STATUS Sent (UIDNEXT 2)\r\n* 3 EXISTS\r\n* STATUS Sent (UIDNEXT 2)\r\n", Word.NEW),
        (b"* OK Still here\r\n* 1 EXPUNGE\r\n* 2 FETCH (FLAGS (\\Seen))\r\n", Word.NOTHING),
        (b"* 3 EXIS", Word.NOTHING),
        (b"\xff\x00 * 3 EXISTS\r\n", Word.NOTHING),
        (b"", Word.NOTHING),
    ],
)
def test_what_is_news(line: Line, said: bytes, word: Word) -> None:
    line.begin()
    line.server.sendall(said)
    assert line.idle.heard() is word


def test_what_comes_with_the_beginning_or_in_pieces_is_heard(line: Line) -> None:
    line.begin(b"* OK Still here\r\n* 3 EXI")
    assert line.idle.heard() is Word.NOTHING
    line.server.sendall(b"STS\r")
    assert line.idle.heard() is Word.NOTHING
    line.server.sendall(b"\n")
    assert line.idle.heard() is Word.NEW


def test_what_comes_before_the_server_agrees_is_heard(line: Line) -> None:
    line.server.sendall(b"* 9 EXISTS\r\n")
    line.begin()
    assert line.idle.heard() is Word.NEW


def test_the_end_takes_the_other_half_of_a_line(line: Line) -> None:
    line.begin(b"* OK Still he")
    assert line.idle.heard() is Word.NOTHING
    line.server.sendall(b"re\r\n* OK T1\r\nT1 OK Idle completed.\r\nT2")
    line.idle.end()
    assert line.server.recv(100) == b"DONE\r\n"
    assert line.imap.file.read1(2) == b"T2"  # type: ignore[attr-defined]
    assert line.imap.tagged_commands == {}
    assert line.imap.sock.gettimeout() == 5.0


def test_a_server_may_refuse(line: Line) -> None:
    line.server.sendall(b"* OK a moment\r\nT1 BAD what?\r\n")
    assert not line.idle.begin()
    assert line.imap.tagged_commands == {}


@pytest.mark.parametrize(
    "said",
    [b"* BYE going down\r\n", b"* OK [NOTIFICATIONOVERFLOW] too many\r\n", b"* OK Still here\r\n" * 6_000],
    ids=["bye", "overflow", "flood"],
)
def test_what_ends_the_connection(line: Line, said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.mailbox.imap_idle._AT_ONCE", 65_536)
    line.begin()
    line.server.sendall(said)
    with pytest.raises(OSError, match="server"):
        line.idle.heard()


def test_an_endless_line_ends_the_connection_however_slowly_it_comes(line: Line) -> None:
    line.begin()
    for _ in range(8):
        line.server.sendall(b"x" * 8_192)
        assert line.idle.heard() is Word.NOTHING
    line.server.sendall(b"x")
    with pytest.raises(OSError, match="without an end"):
        line.idle.heard()


def test_a_closed_connection_is_no_silence(line: Line) -> None:
    line.begin()
    line.server.shutdown(socket.SHUT_WR)
    with pytest.raises(OSError, match="hung up"):
        line.idle.heard()


@pytest.mark.parametrize("said", [b"", b"* OK Still here\r\n" * 3, b"T1 OK"])
def test_a_server_that_does_not_answer_is_given_up(line: Line, said: bytes) -> None:
    line.server.sendall(said)
    with pytest.raises(OSError, match=r"timed out|within"):
        line.idle.begin()
