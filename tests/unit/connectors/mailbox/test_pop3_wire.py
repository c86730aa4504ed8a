"""The bounds of the wire itself."""

import contextlib
import socket
import threading
import time

import pytest

from connectors.mailbox.pop3_wire import PACE, ProtocolError, Wire


class Clock:
    """Goes on by `step` seconds at each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def ends() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def drip(server: socket.socket) -> None:
    """A byte at a time, without end."""
    with contextlib.suppress(OSError):
        for _ in range(10_000):
            server.sendall(b"x")
            time.sleep(0.001)


def test_a_server_that_drips_is_given_up_though_it_is_never_silent(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    wire = Wire(ours, 10.0, Clock(1.0))
    wire.send(b"RETR 1")
    threading.Thread(target=drip, args=(theirs,), daemon=True).start()
    with pytest.raises(TimeoutError, match="too slowly"):
        wire.message(10**6)
    ours.close()
    theirs.close()


def test_one_that_keeps_the_pace_may_take_its_time(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    wire = Wire(ours, 10.0, Clock(1.0))
    wire.send(b"RETR 1")
    for _ in range(50):
        theirs.sendall(b"x" * PACE)
        wire._receive()
    theirs.sendall(b"\r\n.\r\n")
    assert wire.message(10**6) == (b"x" * PACE * 50 + b"\r\n", True)
    ours.close()
    theirs.close()


def test_what_nobody_asked_for_is_found_before_the_next_command(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    wire = Wire(ours, 10.0)
    theirs.sendall(b"+OK\r\n+OK injected\r\n")
    assert wire.command("STLS") == ""
    assert not wire.clean
    with pytest.raises(ProtocolError):
        wire.command("CAPA")
    ours.close()
    theirs.close()


def test_the_end_of_a_message_is_found_however_it_is_cut_up(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    wire = Wire(ours, 10.0)
    for byte in b"a\r\n..\r\nb\r\n.\r\n+OK":
        theirs.sendall(bytes([byte]))
    assert wire.message(100) == (b"a\r\n.\r\nb\r\n", True)
    assert not wire.clean
    ours.close()
    theirs.close()


def test_a_listing_ends_at_its_bound(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    wire = Wire(ours, 10.0)
    theirs.sendall(b"1 a\r\n2 b\r\n.\r\n1 a\r\n2 b\r\n3 c\r\n")
    assert list(wire.lines(2)) == ["1 a", "2 b"]
    with pytest.raises(ProtocolError, match="more than 2 lines"):
        list(wire.lines(2))
    ours.close()
    theirs.close()
