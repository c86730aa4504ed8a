"""One .eml file, or the *.eml files below a directory, read and never changed. A scan lists everything each time."""

import os
import stat
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from connectors.mailbox.digest import HEADER_LIMIT, digest, header_digest
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.mbox import PREFIX, only_inbox
from connectors.mailbox.news import News
from connectors.mailbox.port import Batch, Fetched, MessageGoneError, Position, Reference, Unreadable
from connectors.mailbox.readonly import ReadOnlyMailbox
from connectors.mailbox.serial import SerialThread
from connectors.mailbox.uri import EmlUri
from connectors.mailbox.watched import State, Watch, of_paths
from runtime.errors import InvalidInputError, TargetDownError

SEARCHED_FILES: Final = 100_000
WATCHED_DIRECTORIES: Final = 10_000
SETTLING_DIRECTORIES: Final = 3


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    """relative to the root, with `/`"""
    size: int


class EmlMailbox(ReadOnlyMailbox):
    """See MailboxConnection; changes raise ReadOnlyError. INBOX is the only folder.

    Symbolic links are followed to regular files inside the directory only.
    """

    what = "an .eml file"

    def __init__(self, mailbox: str, path: str, *, limits: ReadLimits | None = None) -> None:
        self._mailbox = mailbox
        self._where = Path(path)
        self._limits = limits or ReadLimits()
        self._thread = SerialThread(mailbox)
        self._directories: list[Path] = []
        self._watch = Watch(self._thread, lambda _: of_paths(self._watched), lambda _: self._sizes())

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:  # noqa: ARG002 - see above
        """See MailboxConnection; sorted by path."""
        only_inbox(folder, self.what)
        await self._thread.run(self._find_directories)
        await self._watch.scanning(folder)
        files = await self._thread.run(self._list)
        for group in self._limits.groups(files, lambda file: file.size):
            messages = await self._thread.run(self._read_group, group)
            yield Batch(messages, EmlUri(self._mailbox, group[-1].path).encoded_path)
        self._watch.scanned()

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection. The directories' times are watched; a file that is overwritten in place tells
        nothing."""
        return await self._watch.news(folders, seconds)

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; cut at `max_size`."""
        place = EmlUri.parse(uri, self._mailbox)
        return await self._thread.run(self._read_one, place)

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection. A file that was renamed is found by size and header."""
        place = EmlUri.parse(reference.uri, self._mailbox)
        return str(await self._thread.run(self._locate, reference, place))

    async def close(self) -> None:
        """End the thread. Never raises."""
        self._thread.stop()

    @property
    def _root(self) -> Path:
        return self._where.parent if self._where.is_file() else self._where

    @property
    def _watched(self) -> list[Path]:
        return self._directories or [self._where]

    def _find_directories(self) -> None:
        """Before a scan: what comes into one of them later changes its time."""
        walked = (Path(directory) for directory, _, _ in os.walk(self._where))
        self._directories = list(islice(walked, WATCHED_DIRECTORIES))

    def _sizes(self) -> State:
        """How much lies in the directories that were changed last."""
        newest = sorted(self._watched, key=_changed_at)[-SETTLING_DIRECTORIES:]
        return of_paths(path for directory in newest for path in _files_of(directory))

    def _list(self) -> list[_File]:
        try:
            if self._where.is_file():
                return [_File(self._where.name, self._where.stat().st_size)]
            if not self._where.is_dir():
                raise TargetDownError(
                    f"mailbox {self._mailbox}: there is no file or directory {self._where}; check the source's `path`",
                    code="mailbox-path",
                )
            return sorted(self._walk(), key=lambda file: os.fsencode(file.path))
        except OSError as error:
            raise TargetDownError(
                f"mailbox {self._mailbox}: {self._where} cannot be read: {error.strerror}", code="mailbox-path"
            ) from error

    def _walk(self) -> list[_File]:
        root = self._where.resolve()
        found = []
        for directory, _, names in os.walk(root):
            for name in names:
                if not name.lower().endswith(".eml"):
                    continue
                path = Path(directory) / name
                size = _regular_size(path, root)
                if size is not None:
                    found.append(_File(path.relative_to(root).as_posix(), size))
        return found

    def _read_group(self, group: list[_File]) -> tuple[Fetched | Unreadable, ...]:
        return tuple(message for message in map(self._message, group) if message is not None)

    def _message(self, file: _File) -> Fetched | Unreadable | None:
        place = EmlUri(self._mailbox, file.path)
        position = Position("INBOX", "", place.encoded_path)
        try:
            raw, status = self._content(place)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Unreadable(position, str(place), f"the file cannot be read: {error.strerror}")
        if not raw:
            return Unreadable(position, str(place), "the message is empty (0 bytes)")
        position = Position("INBOX", "", f"{place.encoded_path};{digest(raw)[:PREFIX]}")
        date = datetime.fromtimestamp(status.st_mtime, UTC)
        return Fetched(position, str(place), raw, status.st_size, date)

    def _content(self, place: EmlUri) -> tuple[bytes, os.stat_result]:
        path = self._root / place.path
        with path.open("rb") as file:
            return file.read(self._limits.max_size), os.fstat(file.fileno())

    def _read_one(self, place: EmlUri) -> bytes:
        parts = PurePosixPath(place.path)
        if parts.is_absolute() or ".." in parts.parts or "\0" in place.path:
            raise InvalidInputError(f"{place} leaves the directory of mailbox {self._mailbox}", code="foreign-uri")
        if _regular_size(self._root.resolve() / parts, self._root.resolve()) is None:
            raise MessageGoneError(f"there is no file {place.path} in {self._root} any more")
        try:
            return self._content(place)[0]
        except OSError as error:
            raise MessageGoneError(f"{place} cannot be read: {error.strerror}") from error

    def _locate(self, reference: Reference, place: EmlUri) -> EmlUri:
        try:
            raw = self._read_one(place)
        except MessageGoneError:
            raw = b""
        if raw and digest(raw) == reference.digest:
            return place
        for file in self._list()[:SEARCHED_FILES]:
            if file.size == reference.size and self._header_digest(file) == reference.header_digest:
                return EmlUri(self._mailbox, file.path)
        raise MessageGoneError(f"{place} is gone, and no other file in {self._root} has its size and header")

    def _header_digest(self, file: _File) -> str | None:
        try:
            with (self._root / file.path).open("rb") as content:
                return header_digest(content.read(2 * HEADER_LIMIT))
        except OSError:
            return None


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _files_of(directory: Path) -> list[Path]:
    """The directory, or the file itself."""
    try:
        return sorted(path for path in directory.iterdir() if path.name.lower().endswith(".eml"))
    except OSError:
        return [directory]


def _regular_size(path: Path, root: Path) -> int | None:
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root):
            return None
        status = path.stat()
    except (OSError, RuntimeError, ValueError):  # a loop of links is a RuntimeError before Python 3.13
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
