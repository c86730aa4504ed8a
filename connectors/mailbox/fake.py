"""A mailbox in memory that behaves like the real ones, with faults on demand. For tests of what stands above."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from connectors.mailbox.changes import Changed
from connectors.mailbox.digest import header_digest
from connectors.mailbox.each_alone import EachAlone
from connectors.mailbox.keywords import among, to_keyword
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.news import News
from connectors.mailbox.own_copy import has_message_id
from connectors.mailbox.port import (
    Batch,
    Fetched,
    FolderMissingError,
    MessageGoneError,
    Place,
    Position,
    Reference,
    Unreadable,
    UnsupportedError,
)
from connectors.mailbox.uri import ImapUri
from runtime.errors import OutcomeUnknownError, TargetDownError

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Faults:
    """What goes wrong. Counters count down, one for each change."""

    down: bool = False
    """every call raises TargetDownError"""
    delay: float = 0.0
    """seconds before each call does anything"""
    lose_before: int = 0
    """changes whose connection breaks before the effect (TargetDownError)"""
    lose_after: int = 0
    """changes whose connection breaks after the effect (OutcomeUnknownError)"""
    no_keywords: bool = False
    no_move: bool = False
    """neither MOVE nor UIDPLUS"""
    silent: bool = False
    """nobody is told of new mail"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in a folder. `raw` None is one that the server refuses to give."""

    raw: bytes | None
    internal_date: datetime
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class Folder:
    """UIDs ascend and are never used twice within one uidvalidity."""

    uidvalidity: int = 1
    uidnext: int = 1
    messages: dict[int, Stored] = field(default_factory=dict)

    def add(self, message: Stored) -> int:
        """Append it and return its UID."""
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.messages[uid] = message
        return uid


class FakeMailbox(EachAlone):
    """See MailboxConnection. `stored` is the account, `faults` may change at any time, `effects` lists what was done.

    It can be closed and used again, so one object is the account and every connection to it.
    """

    def __init__(
        self,
        mailbox: str = "fake",
        folders: tuple[str, ...] = ("INBOX", "Archive", "Sent"),
        *,
        limits: ReadLimits | None = None,
    ) -> None:
        self.mailbox = mailbox
        self.stored = {name: Folder() for name in folders}
        self.faults = Faults()
        self.effects: list[tuple[str, ...]] = []
        self._scanned: dict[str, tuple[int, int]] = {}
        self._told = asyncio.Event()
        self._limits = limits or ReadLimits()

    def deliver(
        self,
        raw: bytes | None,
        folder: str = "INBOX",
        *,
        flags: tuple[str, ...] = (),
        internal_date: datetime = EPOCH,
    ) -> str:
        """Put a message there (None: one that cannot be read) and return its uri."""
        uid = self.stored[folder].add(Stored(raw, internal_date, flags))
        self._told.set()
        return str(ImapUri(self.mailbox, folder, self.stored[folder].uidvalidity, uid))

    def renew(self, folder: str) -> None:
        """Change UIDVALIDITY, as a restored server does: the same messages under other numbers."""
        old = self.stored[folder]
        self.stored[folder] = new = Folder(uidvalidity=old.uidvalidity + 1)
        for message in old.messages.values():
            new.add(message)

    def remove(self, uri: str) -> None:
        """Expunge it, as another program would."""
        place = ImapUri.parse(uri, self.mailbox)
        del self.stored[place.folder].messages[place.uid]

    async def folders(self) -> list[str]:
        """See MailboxConnection."""
        await self._reach()
        return list(self.stored)

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection; the cursor is IMAP's."""
        await self._reach()
        box = self._folder(folder)
        self._scanned[folder] = (box.uidvalidity, box.uidnext)
        known, _, last = (cursor or "").partition(":")
        after = int(last) if known == str(box.uidvalidity) and last.isdigit() else 0
        listed = [(uid, message) for uid, message in sorted(box.messages.items()) if uid > after]
        ahead = len(listed)
        for group in self._limits.groups(listed, lambda item: len(item[1].raw or b"")):
            await self._reach()
            messages = tuple(self._message(folder, box, uid, m) for uid, m in group if uid in box.messages)
            ahead -= len(group)
            yield Batch(messages, f"{box.uidvalidity}:{group[-1][0]}", ahead)

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection; of every folder."""
        if self.faults.silent or self.faults.down:
            return News.UNTOLD
        try:
            async with asyncio.timeout(seconds):
                while not any(self._is_new(folder) for folder in folders):
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            return News.QUIET
        return News.TOLD

    async def places(self, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:
        """See MailboxConnection; pages of `batch_messages`."""
        await self._reach()
        box, size = self._folder(folder), self._limits.batch_messages
        uids = [uid for uid, m in sorted(box.messages.items()) if since is None or m.internal_date.date() >= since]
        for start in range(0, len(uids), size):
            await self._reach()
            yield [
                Place(Position(folder, str(box.uidvalidity), str(uid)), f"{box.uidvalidity}:{uid - 1}")
                for uid in uids[start : start + size]
            ]

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection."""
        await self._reach()
        return (self._at(uri)[2].raw or b"")[: self._limits.max_size]

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection."""
        await self._reach()
        place = ImapUri.parse(reference.uri, self.mailbox)
        for folder in dict.fromkeys([place.folder, "INBOX", *self.stored]):
            found = self._find(folder, reference, place)
            if found is not None:
                return found
        raise MessageGoneError(f"the message is no longer at {reference.uri} and in no other folder")

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """See MailboxConnection."""
        await self._reach()
        if self.faults.no_keywords and (add or remove):
            self._at(uri)
            raise UnsupportedError("the folder does not keep custom keywords", code="flag-refused")
        had = await self._change_flags(uri, [to_keyword(tag) for tag in add], [to_keyword(tag) for tag in remove])
        return Changed(
            uri,
            added=tuple(tag for tag in add if not among(to_keyword(tag), had)),
            removed=tuple(tag for tag in remove if among(to_keyword(tag), had)),
        )

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """See MailboxConnection."""
        await self._reach()
        had = await self._change_flags(uri, ["\\Flagged"] if starred else [], [] if starred else ["\\Flagged"])
        return Changed(uri, was=among("\\Flagged", had))

    async def set_seen(self, uri: str, seen: bool) -> Changed:
        """See MailboxConnection."""
        await self._reach()
        had = await self._change_flags(uri, ["\\Seen"] if seen else [], [] if seen else ["\\Seen"])
        return Changed(uri, was=among("\\Seen", had))

    async def move(self, reference: Reference, uri: str, folder: str) -> str:
        """See MailboxConnection."""
        await self._reach()
        place = ImapUri.parse(uri, self.mailbox)
        if place.folder == folder:
            self._at(uri)
            return uri
        if self.faults.no_move:
            raise UnsupportedError("the server offers neither MOVE nor UIDPLUS", code="move-unsupported")
        target = self._folder(folder)
        source = self.stored.get(place.folder, Folder())
        if place.uid not in source.messages:
            found = self._find(folder, reference, place)
            if found is None:
                raise MessageGoneError(f"there is no message at {uri} any more")
            return found
        self._break_before()
        uid = target.add(source.messages.pop(place.uid))
        self._told.set()
        self.effects.append(("move", uri, folder))
        self._break_after()
        return str(ImapUri(self.mailbox, folder, target.uidvalidity, uid))

    async def find_copy(self, folder: str, message_id: str) -> str | None:
        """See MailboxConnection."""
        await self._reach()
        box = self._folder(folder)
        for uid, message in sorted(box.messages.items()):
            if has_message_id(message.raw or b"", message_id):
                return str(ImapUri(self.mailbox, folder, box.uidvalidity, uid))
        return None

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        """See MailboxConnection."""
        if (found := await self.find_copy(folder, message_id)) is not None:
            return found
        self._break_before()
        uri = self.deliver(raw, folder, flags=("\\Seen",))
        self.effects.append(("append", uri))
        self._break_after()
        return uri

    async def close(self) -> None:
        """Nothing to release."""

    def _is_new(self, folder: str) -> bool:
        box, scanned = self.stored.get(folder), self._scanned.get(folder)
        return box is not None and scanned is not None and (box.uidvalidity, box.uidnext) != scanned

    async def _change_flags(self, uri: str, add: list[str], remove: list[str]) -> tuple[str, ...]:
        """The flags that it had before."""
        box, uid, message = self._at(uri)
        missing = [flag for flag in add if not among(flag, message.flags)]
        kept = tuple(have for have in message.flags if not among(have, remove))
        if not missing and kept == message.flags:
            return message.flags
        self._break_before()
        box.messages[uid] = replace(message, flags=(*kept, *missing))
        self.effects.append(("flags", uri, *(f"+{f}" for f in missing), *(f"-{f}" for f in remove)))
        self._break_after()
        return message.flags

    async def _reach(self) -> None:
        await asyncio.sleep(self.faults.delay)
        if self.faults.down:
            raise TargetDownError(f"mailbox {self.mailbox} is down", code="imap-connect")

    def _break_before(self) -> None:
        if self.faults.lose_before > 0:
            self.faults.lose_before -= 1
            raise TargetDownError(f"the connection to mailbox {self.mailbox} broke", code="imap-connection")

    def _break_after(self) -> None:
        if self.faults.lose_after > 0:
            self.faults.lose_after -= 1
            raise OutcomeUnknownError(f"the connection to mailbox {self.mailbox} broke", code="imap-connection")

    def _folder(self, name: str) -> Folder:
        if name not in self.stored:
            raise FolderMissingError(f"mailbox {self.mailbox} has no folder {name!r}; it has: {', '.join(self.stored)}")
        return self.stored[name]

    def _at(self, uri: str) -> tuple[Folder, int, Stored]:
        place = ImapUri.parse(uri, self.mailbox)
        box = self.stored.get(place.folder, Folder())
        if box.uidvalidity != place.uidvalidity or place.uid not in box.messages:
            raise MessageGoneError(f"there is no message at {uri} any more; locate it again")
        return box, place.uid, box.messages[place.uid]

    def _find(self, folder: str, reference: Reference, place: ImapUri) -> str | None:
        box = self.stored.get(folder, Folder())
        for uid in sorted(box.messages, key=lambda uid: (folder != place.folder or uid != place.uid, -uid)):
            raw = box.messages[uid].raw
            if raw is not None and len(raw) == reference.size and header_digest(raw) == reference.header_digest:
                return str(ImapUri(self.mailbox, folder, box.uidvalidity, uid))
        return None

    def _message(self, folder: str, box: Folder, uid: int, message: Stored) -> Fetched | Unreadable:
        position = Position(folder, str(box.uidvalidity), str(uid))
        uri = str(ImapUri(self.mailbox, folder, box.uidvalidity, uid))
        if not message.raw:
            return Unreadable(position, uri, "the message is empty (0 bytes)" if message.raw == b"" else "refused")
        raw, size = message.raw[: self._limits.max_size], len(message.raw)
        return Fetched(position, uri, raw, size, message.internal_date, message.flags)
