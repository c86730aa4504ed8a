"""A Maildir++ directory (https://cr.yp.to/proto/maildir.html), shared with whatever else delivers to and reads it.

Reading renames nothing. Every change is one rename(2), so a crash leaves it done or not done.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

from connectors.mailbox import maildir_append, maildir_find, maildir_keywords
from connectors.mailbox.changes import Changed
from connectors.mailbox.disk_errors import translate
from connectors.mailbox.each_alone import EachAlone
from connectors.mailbox.keywords import among, to_keyword
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.maildir_folder import (
    Entry,
    KnownNames,
    entries,
    folder_names,
    folder_path,
    holds,
    rename,
    root_of,
)
from connectors.mailbox.maildir_since import Since
from connectors.mailbox.news import News
from connectors.mailbox.port import Batch, Fetched, Place, Position, Reference, Unreadable
from connectors.mailbox.serial import SerialThread
from connectors.mailbox.uri import MaildirUri
from connectors.mailbox.watched import State, Watch, of_paths
from runtime.errors import MaildeskError

P = ParamSpec("P")
T = TypeVar("T")

_PAGE = 500
"""Names that are handed over at once."""
_ZONES = 86_400
"""Seconds by which a day may begin earlier elsewhere."""

_FLAGS = {"S": "\\Seen", "R": "\\Answered", "F": "\\Flagged", "D": "\\Draft", "T": "\\Deleted", "P": "$Forwarded"}


@dataclass(frozen=True, slots=True)
class _Sized:
    entry: Entry
    size: int


class MaildirMailbox(EachAlone):
    """See MailboxConnection. The cursor saves reading what was there before; what it cannot vouch for comes again."""

    def __init__(self, mailbox: str, path: str, *, limits: ReadLimits | None = None) -> None:
        self._mailbox = mailbox
        self._where = path
        self._limits = limits or ReadLimits()
        self._known = KnownNames()
        self._thread = SerialThread(mailbox)
        self._watch = Watch(self._thread, self._stat)

    async def folders(self) -> list[str]:
        """INBOX first."""
        return await self._run(lambda: folder_names(self._root))

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        """See MailboxConnection. A message may come again (the caller knows it by its digest), none is left out."""
        path = await self._run(lambda: folder_path(self._root, folder))
        await self._watch.scanning(folder)
        since, after, new = await self._run(_list, path, cursor)
        groups = list(self._limits.groups(new, lambda item: item.size))
        for number, group in enumerate(groups, 1):
            messages = await self._run(self._read_group, folder, path, group)
            ahead = sum(map(len, groups[number:]))
            yield Batch(messages, str(after if number == len(groups) else since), ahead)
        self._watch.scanned()

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection. Delivery and flags are renames, which change the time of `new` and `cur`."""
        return await self._watch.news(folders, seconds)

    async def places(self, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:
        """See MailboxConnection. Names alone; `since` is asked of the file system."""
        path = await self._run(lambda: folder_path(self._root, folder))
        found = await self._run(_arrived, path, since)
        for start in range(0, len(found), _PAGE):
            yield [Place(Position(folder, "", key)) for key in found[start : start + _PAGE]]

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; cut at `max_size`."""
        place = MaildirUri.parse(uri, self._mailbox)
        return await self._run(self._read_one, place)

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection."""
        place = MaildirUri.parse(reference.uri, self._mailbox)
        return str(await self._run(lambda: maildir_find.locate(self._root, self._known, reference, place)))

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """See MailboxConnection. Raises UnsupportedError beyond 26 keywords in one folder."""
        place = MaildirUri.parse(uri, self._mailbox)
        gained, lost = [to_keyword(tag) for tag in add], [to_keyword(tag) for tag in remove]
        had = await self._run(self._change_tags, place, gained, lost)
        return Changed(
            uri,
            added=tuple(tag for tag, keyword in zip(add, gained, strict=True) if not among(keyword, had)),
            removed=tuple(tag for tag, keyword in zip(remove, lost, strict=True) if among(keyword, had)),
        )

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """See MailboxConnection."""
        place = MaildirUri.parse(uri, self._mailbox)
        had = await self._run(self._change, place, "F" if starred else "", "" if starred else "F")
        return Changed(uri, was="F" in had)

    async def set_seen(self, uri: str, seen: bool) -> Changed:
        """See MailboxConnection."""
        place = MaildirUri.parse(uri, self._mailbox)
        had = await self._run(self._change, place, "S" if seen else "", "" if seen else "S")
        return Changed(uri, was="S" in had)

    async def move(self, reference: Reference, uri: str, folder: str) -> str:
        """See MailboxConnection. Raises FolderMissingError."""
        place = MaildirUri.parse(uri, self._mailbox)
        return str(await self._run(self._move, reference, place, folder))

    async def find_copy(self, folder: str, message_id: str) -> str | None:
        """See MailboxConnection; looks at the newest files of the folder."""
        key = await self._run(lambda: maildir_append.find_copy(folder_path(self._root, folder), message_id))
        return None if key is None else str(MaildirUri(self._mailbox, folder, key))

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        """See MailboxConnection."""
        key = await self._run(lambda: maildir_append.append(folder_path(self._root, folder), raw, message_id))
        return str(MaildirUri(self._mailbox, folder, key))

    async def close(self) -> None:
        """End the thread. Never raises."""
        self._thread.stop()

    async def _run(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._thread.run(call, *args, **kwargs)
        except OSError as error:
            raise translate(error, self._mailbox) from error

    def _stat(self, folder: str) -> State:
        try:
            path = folder_path(self._root, folder)
        except (MaildeskError, OSError):
            return ()
        return of_paths([path / "new", path / "cur"])

    @property
    def _root(self) -> Path:
        return root_of(self._where, self._mailbox)

    def _read_group(self, folder: str, path: Path, group: list[_Sized]) -> tuple[Fetched | Unreadable, ...]:
        keywords = maildir_keywords.read(path)
        read = (self._message(folder, path, item, keywords) for item in group)
        return tuple(message for message in read if message is not None)

    def _message(self, folder: str, path: Path, item: _Sized, keywords: dict[str, str]) -> Fetched | Unreadable | None:
        entry: Entry | None = item.entry
        position = Position(folder, "", item.entry.key)
        uri = str(MaildirUri(self._mailbox, folder, item.entry.key))
        for _ in range(3):
            if entry is None:
                return None
            try:
                raw = maildir_find.read_cut(entry.path, self._limits.max_size)
                status = entry.path.stat()
            except FileNotFoundError:
                entry = self._known.find(path, entry.key)
                continue
            except OSError as error:
                return Unreadable(position, uri, f"the file cannot be read: {error.strerror}")
            if not raw:
                return Unreadable(position, uri, "the message is empty (0 bytes)")
            flags = tuple(_FLAGS.get(c) or keywords.get(c, "") for c in entry.flags)
            date = datetime.fromtimestamp(status.st_mtime, UTC)
            return Fetched(position, uri, raw, status.st_size, date, tuple(filter(None, flags)))
        return Unreadable(position, uri, "the file is renamed all the time")

    def _read_one(self, place: MaildirUri) -> bytes:
        path = folder_path(self._root, place.folder)
        return self._known.use(path, place.key, lambda e: maildir_find.read_cut(e.path, self._limits.max_size))

    def _change_tags(self, place: MaildirUri, add: list[str], remove: list[str]) -> list[str]:
        """The keywords that it had before."""
        path = folder_path(self._root, place.folder)
        self._known.use(path, place.key, lambda _: None)  # no new keyword for a message that is gone
        gained = maildir_keywords.ensure(path, add) if add else ""
        names = maildir_keywords.read(path)
        had = self._change(place, gained, maildir_keywords.letters_of(names, remove))
        return [names[letter] for letter in had if letter in names]

    def _change(self, place: MaildirUri, add: str, remove: str) -> str:
        """The letters that it had before."""
        path = folder_path(self._root, place.folder)

        def apply(entry: Entry) -> str:
            wanted = (set(entry.flags) | set(add)) - set(remove)
            if wanted != set(entry.flags):
                self._known.renamed(path, rename(entry, path, "".join(wanted)))
            return entry.flags

        return self._known.use(path, place.key, apply)

    def _move(self, reference: Reference, place: MaildirUri, folder: str) -> MaildirUri:
        root = self._root
        source, target = folder_path(root, place.folder), folder_path(root, folder)
        if source == target:
            self._known.use(source, place.key, lambda _: None)
            return place
        if self._known.find(source, place.key) is None:
            return maildir_find.in_folder(target, reference, MaildirUri(place.mailbox, folder, place.key))
        # Some other message may bear the name in the target: renaming onto it would destroy it.
        key = f"{place.key}.{uuid4().hex[:8]}" if holds(target, place.key) else place.key

        def apply(entry: Entry) -> MaildirUri:
            names = maildir_keywords.read(source)
            keywords = [names[c] for c in entry.flags if c in names]
            letters = maildir_keywords.ensure(target, keywords) if keywords else ""
            standard = "".join(c for c in entry.flags if not c.islower())
            self._known.renamed(target, rename(entry, target, standard + letters, key=key))
            return MaildirUri(place.mailbox, folder, key)

        return self._known.use(source, place.key, apply)


def _arrived(path: Path, since: date | None) -> list[str]:
    """The names of the messages; those whose file changed on that day or later, or may have."""
    listed = entries(path)
    if since is None:
        return [entry.key for entry in listed]
    begin = datetime.combine(since, time(), UTC).timestamp() - _ZONES
    found = []
    for entry in listed:
        try:
            if entry.path.stat().st_mtime < begin:
                continue
        except FileNotFoundError:
            pass  # renamed in between
        found.append(entry.key)
    return found


def _list(path: Path, cursor: str | None) -> tuple[Since, Since, list[_Sized]]:
    since = Since.parse(cursor)
    scan = since.start(path)
    new = []
    for entry in entries(path):
        try:
            status = entry.path.stat()
        except FileNotFoundError:
            new.append(_Sized(entry, 0))  # renamed in between: reading finds it by name
            continue
        if scan.is_new(status):
            new.append(_Sized(entry, status.st_size))
    return since, scan.after, new
