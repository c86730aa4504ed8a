"""A mailbox on an IMAP server (RFC 3501; MOVE RFC 6851, UIDPLUS RFC 4315), on imapclient in one thread.

The cursor is "uidvalidity:last uid". One connection, opened at the first call and again after it broke.
"""

import ssl
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from typing import ParamSpec, TypeVar

from connectors.mailbox import imap_append, imap_change, imap_find, imap_together
from connectors.mailbox.changes import Change, Changed, SeenChange, StarChange, TagChange
from connectors.mailbox.each_alone import answers
from connectors.mailbox.imap_fetch import Listed, bodies, body, describe
from connectors.mailbox.imap_looks import Looks
from connectors.mailbox.imap_places import listed_uids
from connectors.mailbox.imap_session import Account, ImapSession
from connectors.mailbox.imap_wait import ImapWait
from connectors.mailbox.limits import ReadLimits, Timeouts
from connectors.mailbox.news import News
from connectors.mailbox.port import Batch, Fetched, MessageGoneError, Place, Position, Reference, Unreadable
from connectors.mailbox.serial import SerialThread
from connectors.mailbox.uri import ImapUri
from connectors.oauth.tokens import TokenSource
from runtime.errors import MaildeskError, TargetDownError, TransientError
from schemas.mailbox import ImapSource

P = ParamSpec("P")
T = TypeVar("T")

_PAGE = 500
"""Messages whose sizes are asked for at once."""


class ImapMailbox:
    """See MailboxConnection. Nothing is sent before the first call."""

    def __init__(
        self,
        mailbox: str,
        source: ImapSource,
        password: Callable[[], str],
        *,
        timeouts: Timeouts | None = None,
        limits: ReadLimits | None = None,
        ssl_context: ssl.SSLContext | None = None,
        tokens: TokenSource | None = None,
    ) -> None:
        self._mailbox = mailbox
        self._limits = limits or ReadLimits()
        self._session = ImapSession(Account(mailbox, source, password, timeouts or Timeouts(), ssl_context, tokens))
        self._thread = SerialThread(mailbox)
        self._looks = Looks()
        self._wait = ImapWait(self._thread, self._session, self._looks)

    async def folders(self) -> list[str]:
        """Selectable folders, INBOX first."""
        return await self._run(self._session.perform, lambda session: session.folders())

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection. A changed UIDVALIDITY starts again from the beginning."""
        uidvalidity, uids = await self._run(self._session.perform, lambda s: self._looks.new(s, folder, cursor))
        for start in range(0, len(uids), _PAGE):
            page = uids[start : start + _PAGE]
            listed = await self._run(self._session.perform, lambda s, p=page: describe(_at(s, folder, uidvalidity), p))
            for group in self._limits.groups(listed, lambda message: message.size):
                messages = await self._run(self._read_group, folder, uidvalidity, group)
                last = group[-1].uid
                yield Batch(messages, f"{uidvalidity}:{last}", len(uids) - bisect_right(uids, last))

    async def places(self, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:
        """See MailboxConnection."""
        uidvalidity, uids = await self._run(self._session.perform, lambda s: listed_uids(s, folder, since))
        for start in range(0, len(uids), _PAGE):
            page = uids[start : start + _PAGE]
            yield [Place(Position(folder, str(uidvalidity), str(uid)), f"{uidvalidity}:{uid - 1}") for uid in page]

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection; UNTOLD where the server does not offer IDLE."""
        return await self._wait.news(folders, seconds)

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; cut at `max_size`."""
        place = ImapUri.parse(uri, self._mailbox)
        return await self._run(self._session.perform, lambda s: self._read_one(s, place))

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection."""
        return str(await self._run(self._session.perform, lambda s: imap_find.locate(s, reference)))

    async def locate_many(self, references: Sequence[Reference]) -> list[str | MaildeskError]:
        """See MailboxConnection. Only those that are not where they were are looked for one by one."""
        try:
            there = await self._run(imap_together.found_in_place, self._session, references)
        except TargetDownError as error:
            return [error] * len(references)
        except MaildeskError:
            there = set()  # each says for itself what is wrong
        moved = [index for index in range(len(references)) if index not in there]
        found = dict(zip(moved, await answers([references[i] for i in moved], self.locate), strict=True))
        return [found.get(index, reference.uri) for index, reference in enumerate(references)]

    async def change_many(
        self, change: Change, places: Sequence[tuple[Reference, str]]
    ) -> list[Changed | MaildeskError]:
        """See MailboxConnection."""
        placed = [(reference, ImapUri.parse(uri, self._mailbox)) for reference, uri in places]
        return await self._run(imap_together.change_together, self._session, change, placed)

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """See MailboxConnection. Raises UnsupportedError where the folder keeps no custom keywords."""
        return await self._change(uri, TagChange(add, remove))

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """See MailboxConnection."""
        return await self._change(uri, StarChange(starred))

    async def set_seen(self, uri: str, seen: bool) -> Changed:
        """See MailboxConnection."""
        return await self._change(uri, SeenChange(seen))

    async def move(self, reference: Reference, uri: str, folder: str) -> str:
        """See MailboxConnection. Raises FolderMissingError, UnsupportedError (neither MOVE nor UIDPLUS)."""
        place = ImapUri.parse(uri, self._mailbox)
        return str(await self._run(self._session.perform, lambda s: imap_change.move(s, reference, place, folder)))

    async def find_copy(self, folder: str, message_id: str) -> str | None:
        """See MailboxConnection."""
        found = await self._run(self._session.perform, lambda s: imap_append.find_copy(s, folder, message_id))
        return None if found is None else str(found)

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        """See MailboxConnection."""
        found = await self._run(self._session.perform, lambda s: imap_append.append(s, folder, raw, message_id))
        return str(found)

    async def close(self) -> None:
        """LOGOUT. Never raises."""
        try:
            await self._run(self._session.close)
        except RuntimeError:
            return  # closed before
        self._thread.stop()

    async def _run(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        self._wait.end()
        return await self._thread.run(call, *args, **kwargs)

    async def _change(self, uri: str, change: TagChange | StarChange | SeenChange) -> Changed:
        place = ImapUri.parse(uri, self._mailbox)
        add, remove = imap_together.keywords_of(change)
        had = await self._run(self._session.perform, lambda s: imap_change.change_flags(s, place, add, remove))
        return imap_together.changed(change, place, had)

    def _read_group(self, folder: str, uidvalidity: int, group: list[Listed]) -> tuple[Fetched | Unreadable, ...]:
        def read(session: ImapSession, wanted: list[Listed]) -> list[Fetched | Unreadable]:
            _at(session, folder, uidvalidity)
            return [self._message(folder, uidvalidity, m, raw) for m, raw in bodies(session, wanted, self._limits)]

        try:
            return tuple(self._session.perform(lambda s: read(s, group)))
        except TargetDownError as error:
            if error.code != "imap-connection":
                raise
        # One message may make the server hang up: find it, so that the others still come.
        messages: list[Fetched | Unreadable] = []
        for one in group:
            try:
                messages += self._session.perform(lambda s, m=one: read(s, [m]))  # type: ignore[misc]
            except TargetDownError as error:
                if error.code != "imap-connection":
                    raise
                self._session.perform(lambda s: s.select(folder, reopen=True))
                messages.append(self._message(folder, uidvalidity, one, f"the server hung up on it: {error.text}"))
        return tuple(messages)

    def _message(self, folder: str, uidvalidity: int, listed: Listed, raw: bytes | str) -> Fetched | Unreadable:
        position = Position(folder, str(uidvalidity), str(listed.uid))
        uri = str(ImapUri(self._mailbox, folder, uidvalidity, listed.uid))
        if isinstance(raw, str):
            return Unreadable(position, uri, raw)
        if not raw:
            return Unreadable(position, uri, "the message is empty (0 bytes)")
        return Fetched(
            position, uri, raw, listed.size, listed.internal_date, listed.flags, provider_thread=listed.provider_thread
        )

    def _read_one(self, session: ImapSession, place: ImapUri) -> bytes:
        if session.select(place.folder).uidvalidity == place.uidvalidity:
            for listed in describe(session, [place.uid]):
                raw = body(session, listed, self._limits)
                if isinstance(raw, bytes):
                    return raw
                if raw is not None:
                    raise TransientError(f"{place}: {raw}", code="imap-unreadable")
        raise MessageGoneError(f"there is no message at {place} any more; locate it again")


def _at(session: ImapSession, folder: str, uidvalidity: int) -> ImapSession:
    if session.select(folder, sync=False).uidvalidity != uidvalidity:
        raise TransientError(
            f"folder {folder!r} of {session.place} was replaced while it was read", code="imap-replaced"
        )
    return session
