# ruff: noqa: ARG002 - the arguments are the interface's, and refused whatever they are
"""The half of a mailbox that plain files do not have: every change is refused, and the text says what to use."""

from collections.abc import AsyncIterator
from datetime import date
from typing import NoReturn

from connectors.mailbox.changes import Changed
from connectors.mailbox.each_alone import EachAlone
from connectors.mailbox.news import TellsNothing
from connectors.mailbox.port import MailboxConnection, Place, ReadOnlyError, Reference


class ReadOnlyMailbox(EachAlone, TellsNothing):
    """Base of mbox and .eml sources. One folder, INBOX; nothing can be changed."""

    what: str
    """What the source is, for the text."""

    async def folders(self) -> list[str]:
        """Only INBOX."""
        return ["INBOX"]

    async def places(self: MailboxConnection, folder: str, since: date | None = None) -> AsyncIterator[list[Place]]:
        """See MailboxConnection. A place names a part of the content, so all is read, in bounded batches."""
        async for batch in self.scan(folder, None):
            yield [Place(message.position) for message in batch.messages]

    async def change_tags(self, uri: str, add: tuple[str, ...], remove: tuple[str, ...]) -> Changed:
        """Raises ReadOnlyError."""
        self._refuse("tagged")

    async def set_starred(self, uri: str, starred: bool) -> Changed:
        """Raises ReadOnlyError."""
        self._refuse("starred")

    async def set_seen(self, uri: str, seen: bool) -> Changed:
        """Raises ReadOnlyError."""
        self._refuse("marked as read or unread")

    async def move(self, reference: Reference, uri: str, folder: str) -> str:
        """Raises ReadOnlyError."""
        self._refuse("moved")

    async def find_copy(self, folder: str, message_id: str) -> str | None:
        """Raises ReadOnlyError: nothing of ours was ever put there."""
        self._refuse("searched for copies")

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        """Raises ReadOnlyError."""
        self._refuse("added to")

    def _refuse(self, participle: str) -> NoReturn:
        raise ReadOnlyError(
            f"mail in {self.what} can be read but not {participle}; "
            "to act on this mail, give the mailbox an `imap` or `maildir` source"
        )
