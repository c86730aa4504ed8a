"""IDLE (RFC 2177) on an imapclient connection, blocking: begin, take what was told, end.

imapclient's `idle_check` cannot tell a closed connection from silence, and parses whatever comes. Here lines are only
compared, and nothing waits for the other half of one.
"""

import re
import socket
import ssl
import time
from typing import Any, Final

PATIENCE: Final = 10.0
"""Seconds that the server may take to begin and to end it: a half-dead connection is found by the end of an IDLE."""
_CHUNK: Final = 65_536
_AT_ONCE: Final = 1_048_576
"""bytes that a server may tell between two looks"""
_NEWS: Final = re.compile(rb"\* (?:\d+ EXISTS|STATUS |OK \[NOTIFICATIONOVERFLOW)", re.IGNORECASE)
_BYE: Final = re.compile(rb"\* BYE", re.IGNORECASE)


class Idle:
    """One IDLE. Every method raises OSError when the connection is of no use any more."""

    def __init__(self, client: Any, read_timeout: float) -> None:
        self._client = client
        self._imap = client._imap  # noqa: SLF001 - the reader behind it, see above
        self._timeout = read_timeout
        self._tag = b""
        self._rest = b""
        self._told = False

    def begin(self) -> bool:
        """Whether the server lets us."""
        self._tag = self._imap._new_tag()  # noqa: SLF001
        self._imap.send(self._tag + b" IDLE\r\n")
        answer = self._until((b"+", self._tag))
        if answer.startswith(b"+"):
            return True
        self._imap.tagged_commands.pop(self._tag, None)
        return False

    def heard(self) -> bool:
        """Whether the server told that something may be new; takes what is there and waits for nothing."""
        sock, file = self._client.socket(), self._imap.file
        taken = 0
        sock.settimeout(0)
        try:
            while True:
                try:
                    chunk = file.read1(_CHUNK)
                except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    break
                if not chunk and _is_silent(sock):
                    break
                taken += len(chunk)
                if not chunk or taken > _AT_ONCE:
                    raise ConnectionError("the server hung up" if not chunk else "the server tells too much")
                self._take(chunk)
        finally:
            sock.settimeout(self._timeout)
        return self._told

    def end(self) -> bool:
        """DONE; whether the server told anything. The connection can be used again."""
        self._imap.send(b"DONE\r\n")
        self._until((self._tag,))
        self._imap.tagged_commands.pop(self._tag, None)
        return self._told

    def _until(self, starts: tuple[bytes, ...]) -> bytes:
        """The first line that begins so. Raises TimeoutError after `PATIENCE` seconds."""
        sock = self._client.socket()
        end = time.monotonic() + PATIENCE
        try:
            while (left := end - time.monotonic()) > 0:
                sock.settimeout(left)
                line: bytes = self._rest + self._imap.file.readline(_CHUNK)
                self._rest = b""
                if not line.endswith(b"\n"):
                    raise ConnectionError("the server hung up, or sends a line without an end")
                if line.startswith(starts):
                    return line
                self._note(line)
        finally:
            sock.settimeout(self._timeout)
        raise TimeoutError(f"the server does not answer IDLE within {PATIENCE:g} s")

    def _take(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._note(line)

    def _note(self, line: bytes) -> None:
        if _BYE.match(line):
            raise ConnectionError("the server said BYE")
        if _NEWS.match(line):
            self._told = True


def _is_silent(sock: socket.socket) -> bool:
    """Whether nothing came because there is nothing, rather than because the other side has closed."""
    if isinstance(sock, ssl.SSLSocket):
        return False  # it raises instead
    try:
        return bool(sock.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
