"""Lines and messages of a POP3 connection (RFC 1939 §3), bounded in bytes and in time. Blocking.

The end of a message is CRLF.CRLF and nothing else: a server that passes a bare line feed of a hostile mail on would
otherwise let that mail answer our next commands.
"""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Final

LINE: Final = 4096
"""Bytes of a status or listing line that are read; RFC 2449 §4 allows 512."""

PACE: Final = 4096
"""Bytes per second that an answer has to reach on top of the first seconds: a server that drips is given up."""

_CHUNK: Final = 65536
_END: Final = b"\r\n.\r\n"


class ProtocolError(Exception):
    """The server answered what is not POP3; the connection is of no use any more."""


class RefusedError(Exception):
    """-ERR. `code` is the response code (RFC 2449 §8) in capital letters, else empty."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        code, bracket, _ = text.removeprefix("[").partition("]")
        self.code = code.upper() if text.startswith("[") and bracket else ""


class Wire:
    """One socket. `seconds`: how long the server may be silent; `monotonic` gives seconds."""

    def __init__(
        self, connection: socket.socket, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._socket = connection
        self._seconds = seconds
        self._monotonic = monotonic
        self._buffer = bytearray()
        self._began = monotonic()
        self._received = 0

    def command(self, text: str) -> str:
        """Send a line and return what follows +OK. Raises RefusedError, ProtocolError, OSError."""
        self.send(text.encode("ascii"))
        return self.status()

    def send(self, line: bytes) -> None:
        """Send a line. Raises ProtocolError when the server said something that nobody asked for."""
        if self._buffer:
            raise ProtocolError("it sent more than it was asked for")
        self._begin()
        self._socket.settimeout(self._seconds)
        self._socket.sendall(line + b"\r\n")

    def status(self) -> str:
        """The text of a +OK. Raises RefusedError on -ERR."""
        return self._text(self._line())

    def greeting(self) -> str:
        """What a new connection says first."""
        self._begin()
        return self.status()

    def challenge(self) -> bytes | None:
        """The base64 of a `+ ` line, which wants an answer; None: +OK. Raises RefusedError on -ERR."""
        line = self._line()
        if line == b"+" or line.startswith(b"+ "):
            return line[2:].strip()
        self._text(line)
        return None

    def lines(self, most: int) -> Iterator[str]:
        """The lines of a listing, to its end. Raises ProtocolError above `most` lines."""
        for _ in range(most + 1):
            line = self._line()
            if line == b".":
                return
            yield line.removeprefix(b".").decode("latin-1")
        raise ProtocolError(f"it lists more than {most} lines")

    def message(self, most: int) -> tuple[bytes, bool]:
        """A message without its dot stuffing, and whether it is whole; of a longer one the first `most` bytes, after
        which the connection is of no use."""
        found = bytearray(b"\r\n")  # so that an empty message has the same end
        stuffing = 0
        while True:
            searched = len(found)
            found += self._take()
            end = found.find(_END, max(0, searched - len(_END)))
            if end >= 0:
                self._buffer += found[end + len(_END) :]
                raw = _unstuffed(bytes(found[2 : end + 2]))
                return raw[:most], len(raw) <= most
            stuffing += found.count(b"\r\n.", max(0, searched - 2))
            if len(found) - stuffing > most + _CHUNK:
                return _unstuffed(bytes(found[2:]))[:most], False

    @property
    def socket(self) -> socket.socket:
        """The bare connection."""
        return self._socket

    @property
    def clean(self) -> bool:
        """Whether nothing is left of what the server sent."""
        return not self._buffer

    def _begin(self) -> None:
        self._began, self._received = self._monotonic(), 0

    def _line(self) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > LINE:
                break
            self._receive()
        if end < 0 or end > LINE:
            raise ProtocolError(f"it sent a line above {LINE} bytes")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def _take(self) -> bytes:
        if not self._buffer:
            self._receive()
        taken = bytes(self._buffer)
        self._buffer.clear()
        return taken

    def _receive(self) -> None:
        left = self._began + self._seconds + self._received / PACE - self._monotonic()
        if left <= 0:
            raise TimeoutError("it answers too slowly")
        self._socket.settimeout(min(self._seconds, left))
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("it hung up")
        self._received += len(data)
        self._buffer += data

    def _text(self, line: bytes) -> str:
        text = line.decode("utf-8", "replace")
        word, _, rest = text.partition(" ")
        if word == "+OK":
            return rest.strip()
        if word == "-ERR":
            raise RefusedError(rest.strip())
        raise ProtocolError("it answered neither +OK nor -ERR")


def _unstuffed(stuffed: bytes) -> bytes:
    text = stuffed.replace(b"\r\n.", b"\r\n")
    return text[1:] if text.startswith(b".") else text
