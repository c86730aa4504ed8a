"""One visit to a POP3 account: log in, list, read, leave. Nothing is ever deleted (DELE). Blocking.

Only one thread at a time may use it. Driver errors are translated here and in pop3_login, and nowhere else.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from connectors.mailbox.digest import header_digest
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.pop3_listing import MOST, MOST_SHARED, PREFIX, Listed, listing, shared
from connectors.mailbox.pop3_login import Pop3Account, capabilities_of, connect, leave
from connectors.mailbox.pop3_wire import ProtocolError, RefusedError, Wire
from connectors.mailbox.port import UnsupportedError
from runtime.errors import PermanentError, TargetDownError, TransientError

T = TypeVar("T")
BROKEN = "pop3-connection"
EVERY_LINE = 99_999_999
"""Lines that TOP is asked for: all. Unlike RETR it leaves the mail unread where the server also speaks IMAP."""


class Pop3Session:
    """Connects at the first call, and again after the connection broke; numbers of messages are checked then."""

    def __init__(self, account: Pop3Account, limits: ReadLimits) -> None:
        self._account = account
        self._limits = limits
        self._wire: Wire | None = None
        self._top = False
        self._numbered = False
        """Whether this connection gave the listing that is read from."""

    def listing(self) -> list[Listed]:
        """Every message, oldest first. Raises UnsupportedError where the server has no unique ids."""
        return self._perform(self._listing)

    def body(self, listed: Listed) -> tuple[bytes, int] | str | None:
        """Its bytes, cut at the limit, and how many there are; or a reason; None: it is gone."""
        for _ in range(2):
            try:
                return self._perform(lambda wire: self._body(wire, listed))
            except RefusedError as error:
                return self._refused(listed, error)
            except TargetDownError as error:
                if error.code != BROKEN:
                    raise
                reason = error.text
        self._perform(capabilities_of)  # the server is there: so it is the message
        return f"the server breaks off at it: {reason}"

    def header(self, listed: Listed) -> bytes:
        """At least its header. Raises TransientError when the server refuses."""
        try:
            return self._perform(lambda wire: self._header(wire, listed))
        except RefusedError as error:
            raise self._refusal(error) from error

    def close(self) -> None:
        """QUIT. Never raises."""
        wire, self._wire = self._wire, None
        if wire is not None:
            leave(wire)

    def _perform(self, work: Callable[[Wire], T]) -> T:
        """Raises TargetDownError `pop3-connection` when the connection broke, and RefusedError."""
        if self._wire is None:
            greeted = connect(self._account)
            self._wire, self._numbered = greeted.wire, False
            with self._translated():
                offered = capabilities_of(greeted.wire) or greeted.capabilities
                self._top = not offered or "TOP" in offered
        with self._translated():
            return work(self._wire)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ProtocolError, ValueError) as error:
            self._drop()
            said = str(error) if not isinstance(error, ValueError) else "it answered what cannot be read"
            raise TargetDownError(f"the connection to {self._account.place} broke: {said}", code=BROKEN) from error

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.socket.close()

    def _listing(self, wire: Wire) -> list[Listed]:
        try:
            wire.command("UIDL")
        except RefusedError as error:
            if error.code:
                raise self._refusal(error) from error
            raise UnsupportedError(
                f"{self._account.place} gives its messages no unique ids (UIDL, RFC 1939 §7), so nobody can know which "
                "ones were read before; read this account by IMAP"
            ) from error
        uidls = list(wire.lines(MOST))
        try:
            wire.command("LIST")
        except RefusedError as error:
            raise self._refusal(error) from error
        found = listing(uidls, wire.lines(MOST))
        self._numbered = True
        same = shared(found)
        if len(same) > MOST_SHARED:
            raise PermanentError(
                f"{self._account.place} gives {len(same)} messages unique ids that are not unique; read this account "
                "by IMAP",
                code="pop3-uidl",
            )
        for index in same:
            if self._wire is not wire:
                break  # a header that is no end of: those behind it count as one
            with contextlib.suppress(RefusedError):
                prefix = header_digest(self._header(wire, found[index]))[:PREFIX]
                found[index] = replace(found[index], header=prefix)
        return found

    def _body(self, wire: Wire, listed: Listed) -> tuple[bytes, int]:
        self._check(wire, listed)
        raw, whole = b"", True
        if self._top:
            with contextlib.suppress(RefusedError):
                raw, whole = self._text(wire, f"TOP {listed.number} {EVERY_LINE}")
        if whole and len(raw) < max(1, listed.size):  # no TOP, or one that ends too early
            again, whole = self._text(wire, f"RETR {listed.number}")
            raw = max(raw, again, key=len)
        return raw, len(raw) if whole else max(listed.size, len(raw) + 1)

    def _header(self, wire: Wire, listed: Listed) -> bytes:
        self._check(wire, listed)
        if self._top:
            with contextlib.suppress(RefusedError):
                return self._text(wire, f"TOP {listed.number} 0")[0]
        return self._text(wire, f"RETR {listed.number}")[0]

    def _text(self, wire: Wire, command: str) -> tuple[bytes, bool]:
        wire.command(command)
        raw, whole = wire.message(self._limits.max_size)
        if not whole:
            self._drop()
        return raw, whole

    def _check(self, wire: Wire, listed: Listed) -> None:
        """Numbers are one session's only."""
        if self._numbered:
            return
        with contextlib.suppress(RefusedError):
            if any(each.uidl == listed.uidl for each in listing([wire.command(f"UIDL {listed.number}")], ())):
                return
        raise TransientError(
            f"the messages of {self._account.place} were counted anew while they were read; they are read again",
            code="pop3-renumbered",
        )

    def _refused(self, listed: Listed, error: RefusedError) -> str | None:
        """After a refused message: None when it was deleted meanwhile, else why it cannot be had."""
        if error.code in ("SYS/TEMP", "IN-USE"):
            raise self._refusal(error) from error
        self.close()
        there = {each.uidl for each in self._perform(self._listing)}
        return f"the server refuses to give it: {error.text[:200]}" if listed.uidl in there else None

    def _refusal(self, error: RefusedError) -> TransientError:
        return TransientError(f"{self._account.place} refused: {error.text[:200]}", code="pop3-refused")
