"""A mailbox on a POP3 server (RFC 1939; CAPA RFC 2449, STLS RFC 2595, AUTH RFC 5034), in one thread.

POP3 numbers messages anew in each session and keeps no order, so no cursor can say what is new: the reader's own memory
does (`known`). A session may lock the account, so each call logs in, and leaves at once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import date
from typing import Final

from connectors.mailbox.digest import header_digest
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.mbox import only_inbox
from connectors.mailbox.pop3_arrival import arrival
from connectors.mailbox.pop3_listing import PREFIX, Listed, fingerprint
from connectors.mailbox.pop3_login import Pop3Account
from connectors.mailbox.pop3_session import Pop3Session
from connectors.mailbox.port import Batch, Fetched, MessageGoneError, Place, Position, Reference, Unreadable
from connectors.mailbox.readonly import ReadOnlyMailbox
from connectors.mailbox.serial import SerialThread
from connectors.mailbox.uri import Pop3Uri
from runtime.clock import Clock
from runtime.errors import TransientError

Known = Callable[[str, Sequence[Position]], Awaitable[Collection[int]]]
"""Of a mailbox's positions, the indexes of those that were read before."""

CANDIDATES: Final = 50
"""Messages of the right size whose headers are compared when one is looked for."""

_PAGE: Final = 500


class Pop3Mailbox(ReadOnlyMailbox):
    """See MailboxConnection; changes raise ReadOnlyError. INBOX is the only folder. Nothing is sent before the first
    call. Without `known`, each scan gives everything."""

    what = "a POP3 account, which has no tags, flags or folders,"

    def __init__(
        self, account: Pop3Account, clock: Clock, *, known: Known | None = None, limits: ReadLimits | None = None
    ) -> None:
        self._account = account
        self._mailbox = account.mailbox
        self._clock = clock
        self._known = known
        self._limits = limits or ReadLimits()
        self._thread = SerialThread(self._mailbox)
        self._finished = ""

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection. The cursor only tells one listing from another; None: also what did not change is
        compared with what is known."""
        only_inbox(folder, "a POP3 account")
        session = self._session()
        try:
            found = await self._thread.run(session.listing)
            mark = fingerprint(found)
            if cursor is not None and self._known is not None and mark == self._finished:
                return
            for start in range(0, len(found), _PAGE):
                fresh = await self._unknown(found[start : start + _PAGE])
                for group in self._limits.groups(fresh, lambda listed: listed.size):
                    if messages := await self._thread.run(self._read_group, session, group):
                        yield Batch(messages, mark)
            self._finished = mark
        finally:
            await self._thread.run(session.close)

    async def places(self, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:  # noqa: ARG002
        """See MailboxConnection. A server does not say when a message arrived."""
        only_inbox(folder, "a POP3 account")
        session = self._session()
        try:
            found = await self._thread.run(session.listing)
        finally:
            await self._thread.run(session.close)
        for start in range(0, len(found), _PAGE):
            yield [Place(_position(listed)) for listed in found[start : start + _PAGE]]

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; cut at `max_size`."""
        place = Pop3Uri.parse(uri, self._mailbox)
        return await self._thread.run(self._read, place)

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection. One whose unique id changed is found by size and header."""
        place = Pop3Uri.parse(reference.uri, self._mailbox)
        return str(await self._thread.run(self._locate, reference, place))

    async def close(self) -> None:
        """End the thread. Never raises."""
        self._thread.stop()

    def _session(self) -> Pop3Session:
        return Pop3Session(self._account, self._limits)

    async def _unknown(self, page: list[Listed]) -> list[Listed]:
        if self._known is None:
            return page
        known = await self._known(self._mailbox, [_position(listed) for listed in page])
        return [listed for index, listed in enumerate(page) if index not in known]

    def _read_group(self, session: Pop3Session, group: list[Listed]) -> tuple[Fetched | Unreadable, ...]:
        return tuple(message for message in (self._message(session, listed) for listed in group) if message is not None)

    def _message(self, session: Pop3Session, listed: Listed) -> Fetched | Unreadable | None:
        uri = str(Pop3Uri(self._mailbox, listed.key))
        found = session.body(listed)
        if found is None:
            return None
        if isinstance(found, str):
            return Unreadable(_position(listed), uri, found)
        raw, size = found
        if not raw:
            return Unreadable(_position(listed), uri, "the message is empty (0 bytes)")
        return Fetched(_position(listed), uri, raw, size, arrival(raw, self._clock.now()))

    def _read(self, place: Pop3Uri) -> bytes:
        wanted = Listed.of_key(place.key)
        with closing(self._session()) as session:
            same = [listed for listed in session.listing() if wanted and _names(wanted, listed)]
            if len(same) == 1:
                found = session.body(same[0])
                if isinstance(found, str):
                    raise TransientError(f"{place}: {found}", code="pop3-unreadable")
                if found and (not wanted or wanted.header in ("", header_digest(found[0])[:PREFIX])):
                    return found[0]
        raise MessageGoneError(f"there is no message at {place} any more; locate it again")

    def _locate(self, reference: Reference, place: Pop3Uri) -> Pop3Uri:
        with closing(self._session()) as session:
            for listed in _candidates(session.listing(), place, reference.size):
                if header_digest(session.header(listed)) == reference.header_digest:
                    return Pop3Uri(self._mailbox, listed.key)
        raise MessageGoneError(
            f"the message is no longer at {place}, and no other one of {self._account.place} has its size and header; "
            "it was deleted"
        )


def _position(listed: Listed) -> Position:
    return Position("INBOX", "", listed.key)


def _names(wanted: Listed, listed: Listed) -> bool:
    alike = (wanted.uidl, wanted.size) == (listed.uidl, listed.size)
    return alike and (not listed.header or wanted.header == listed.header)


def _candidates(found: list[Listed], place: Pop3Uri, size: int) -> Iterator[Listed]:
    """Those of its unique id, then the newest of its size."""
    wanted = Listed.of_key(place.key)
    named = [listed for listed in found if wanted and listed.uidl == wanted.uidl]
    sizes = {size, wanted.size} if wanted else {size}
    yield from named[:CANDIDATES]
    yield from [listed for listed in reversed(found) if listed.size in sizes and listed not in named][:CANDIDATES]
