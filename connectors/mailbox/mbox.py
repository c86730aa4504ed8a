"""An mbox file (RFC 4155), read in a stream and never changed. A scan lists everything each time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from connectors.mailbox.digest import digest
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.mbox_split import Span, spans
from connectors.mailbox.news import News
from connectors.mailbox.port import (
    Batch,
    Fetched,
    FolderMissingError,
    MessageGoneError,
    Position,
    Reference,
    Unreadable,
)
from connectors.mailbox.readonly import ReadOnlyMailbox
from connectors.mailbox.serial import SerialThread
from connectors.mailbox.uri import MboxUri
from connectors.mailbox.watched import Watch, of_paths
from runtime.errors import InvalidInputError, TargetDownError

PREFIX: Final = 16
"""Hex digits of the digest in a uri, which tell a message from another one at the same offset later."""


class MboxMailbox(ReadOnlyMailbox):
    """See MailboxConnection; changes raise ReadOnlyError. INBOX is the only folder."""

    what = "an mbox file"

    def __init__(self, mailbox: str, path: str, *, limits: ReadLimits | None = None) -> None:
        self._mailbox = mailbox
        self._path = Path(path)
        self._limits = limits or ReadLimits()
        self._thread = SerialThread(mailbox)
        self._watch = Watch(self._thread, lambda _: of_paths([self._path]), lambda _: of_paths([self._path]))

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:  # noqa: ARG002 - see above
        """See MailboxConnection. What comes before the first From_ line is one Unreadable."""
        only_inbox(folder, self.what)
        await self._watch.scanning(folder)
        file = await self._thread.run(self._open)
        try:
            groups = self._limits.groups(spans(file), lambda span: span.end - span.start)
            while group := await self._thread.run(next, groups, None):
                messages = await self._thread.run(self._read_group, group)
                yield Batch(messages, str(group[-1].end))
        finally:
            file.close()
        self._watch.scanned()

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection. The file's size and time are watched."""
        return await self._watch.news(folders, seconds)

    async def read(self, uri: str) -> bytes:
        """See MailboxConnection; cut at `max_size`."""
        place = MboxUri.parse(uri, self._mailbox)
        return (await self._thread.run(self._find, place))[1]

    async def locate(self, reference: Reference) -> str:
        """See MailboxConnection. A file that another program rewrote is searched for the digest."""
        place = MboxUri.parse(reference.uri, self._mailbox)
        found, _ = await self._thread.run(self._find, MboxUri(self._mailbox, place.offset, reference.digest[:PREFIX]))
        return str(found)

    async def close(self) -> None:
        """End the thread. Never raises."""
        self._thread.stop()

    def _open(self) -> BinaryIO:
        try:
            if not self._path.is_file():
                if self._path.exists():
                    raise InvalidInputError(
                        f"mailbox {self._mailbox}: {self._path} is no file; for a directory use kind `maildir` or `eml`"
                    )
                raise TargetDownError(
                    f"mailbox {self._mailbox}: there is no file {self._path}; check the source's `path`",
                    code="mailbox-path",
                )
            return self._path.open("rb")
        except OSError as error:
            raise TargetDownError(
                f"mailbox {self._mailbox}: {self._path} cannot be read: {error.strerror}", code="mailbox-path"
            ) from error

    def _read_group(self, group: list[Span]) -> tuple[Fetched | Unreadable, ...]:
        with self._open() as file:
            return tuple(self._message(file, span) for span in group)

    def _message(self, file: BinaryIO, span: Span) -> Fetched | Unreadable:
        raw = self._raw(file, span)
        prefix = digest(raw)[:PREFIX]
        position = Position("INBOX", "", f"{span.offset}-{prefix}")
        uri = str(MboxUri(self._mailbox, span.offset, prefix))
        if span.foreign:
            reason = (
                "no From_ line before it: these bytes belong to no message of an mbox; one mail alone is kind `eml`"
            )
            return Unreadable(position, uri, reason)
        if not raw:
            return Unreadable(position, uri, "the message is empty (0 bytes)")
        return Fetched(position, uri, raw, span.end - span.start, span.date)

    def _raw(self, file: BinaryIO, span: Span) -> bytes:
        file.seek(span.start)
        return file.read(self._limits.cut(span.end - span.start))

    def _find(self, place: MboxUri) -> tuple[MboxUri, bytes]:
        with self._open() as file:
            for span in self._candidates(file, place.offset):
                raw = b"" if span.foreign else self._raw(file, span)
                if raw and digest(raw).startswith(place.prefix):
                    return MboxUri(self._mailbox, span.offset, digest(raw)[:PREFIX]), raw
        raise MessageGoneError(f"{place} is no longer in {self._path}; the file was rewritten without it")

    def _candidates(self, file: BinaryIO, offset: int) -> Iterator[Span]:
        first = next(spans(file, offset), None)
        if first is not None and first.offset == offset:
            yield first
        file.seek(0)
        with self._open() as other:
            yield from spans(other)


def only_inbox(folder: str, what: str) -> None:
    """Raises FolderMissingError for any folder but INBOX."""
    if folder.upper() != "INBOX":
        raise FolderMissingError(f"{what} has no folder {folder!r}, only INBOX")
