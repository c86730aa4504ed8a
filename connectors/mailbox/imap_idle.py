"""IDLE (RFC 2177) on an imapclient connection, blocking: begin, take what was told, end.

imapclient's `idle_check` cannot tell a closed connection from silence, and parses whatever comes. Here lines are only
compared, and nothing waits for the other half of one.
"""

import re
import socket
import ssl
import time
from enum import Enum
from typing import Any, Final

PATIENCE: Final = 10.0
"""Seconds that the server may take to begin and to end it: a half-dead connection is found by the end of an IDLE."""
_CHUNK: Final = 65_536
_AT_ONCE: Final = 1_048_576
"""bytes that a server may tell between two looks"""
_LINE: Final = 65_536
"""bytes that a line may have, over however many looks its pieces come"""
_NEW: Final = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)
_MAYBE: Final = re.compile(rb"\* STATUS ", re.IGNORECASE)
_BYE: Final = re.compile(rb"\* (?:BYE|OK \[NOTIFICATIONOVERFLOW)", re.IGNORECASE)
"""the second: it tells of no folder any more (RFC 5465 §5.8), so that another connection has to ask it anew"""


class Word(Enum):
    """What a server said in an IDLE, at most."""

    NOTHING = 0
    MAYBE = 1
    """how a folder stands now, perhaps only because something was taken away"""
    NEW = 2


class Idle:
    """One IDLE. Every method raises OSError when the connection is of no use any more."""

    def __init__(self, client: Any, read_timeout: float) -> None:
        self._client = client
        self._imap = client._imap  # noqa: SLF001 - the reader behind it, see above
        self._timeout = read_timeout
        self._tag = b""
        self._rest = b""
        self._word = Word.NOTHING

    def begin(self) -> bool:
        """Whether the server lets us."""
        self._tag = self._imap._new_tag()  # noqa: SLF001
        self._imap.send(self._tag + b" IDLE\r\n")
        answer = self._until((b"+", self._tag))
        if answer.startswith(b"+"):
            return True
        self._imap.tagged_commands.pop(self._tag, None)
        return False

    def heard(self) -> Word:
        """What the server said since the beginning; takes what is there and waits for nothing."""
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
        return self._word

    def end(self) -> None:
        """DONE. The connection can be used again."""
        self._imap.send(b"DONE\r\n")
        self._until((self._tag,))
        self._imap.tagged_commands.pop(self._tag, None)

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
        if len(self._rest) > _LINE:
            raise ConnectionError("the server tells too much: a line without an end")

    def _note(self, line: bytes) -> None:
        if _BYE.match(line):
            raise ConnectionError("the server says that it tells nothing more")
        if _NEW.match(line):
            self._word = Word.NEW
        elif _MAYBE.match(line) and self._word is Word.NOTHING:
            self._word = Word.MAYBE


def _is_silent(sock: socket.socket) -> bool:
    """Whether nothing came because there is nothing, rather than because the other side has closed."""
    if isinstance(sock, ssl.SSLSocket):
        return False  # it raises instead
    try:
        return bool(sock.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
