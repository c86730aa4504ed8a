"""One open connection per mailbox, opened at first use and replaced when its source changes; it reconnects itself."""

from collections.abc import Callable

from connectors.mailbox.port import MailboxConnection
from schemas.mailbox import Mailbox, Source
from schemas.registry import MailboxRegistry
from services.actions.effects.port import DeclinedError

OpenMailbox = Callable[[Mailbox], MailboxConnection]


class Connections:
    """The open mailboxes of one worker."""

    def __init__(self, mailboxes: MailboxRegistry, open_mailbox: OpenMailbox) -> None:
        self._mailboxes = mailboxes
        self._open = open_mailbox
        self._held: dict[str, tuple[Source, MailboxConnection]] = {}

    async def get(self, mailbox_id: str) -> MailboxConnection:
        """The mailbox's connection. Raises DeclinedError when the mailbox is gone."""
        mailbox = self._mailboxes.get(mailbox_id)
        if mailbox is None:
            await self.drop(mailbox_id)
            raise DeclinedError("the mailbox does not exist any more", code="mailbox-gone")
        held = self._held.get(mailbox_id)
        if held is not None and held[0] == mailbox.source:
            return held[1]
        # In place before the old one is closed: whoever asks meanwhile gets this one too.
        connection = self._open(mailbox)
        self._held[mailbox_id] = (mailbox.source, connection)
        if held is not None:
            await held[1].close()
        return connection

    async def drop(self, mailbox_id: str) -> None:
        """Close a connection; the next use opens a fresh one."""
        if (held := self._held.pop(mailbox_id, None)) is not None:
            await held[1].close()

    async def close(self) -> None:
        """Close them all."""
        for mailbox_id in list(self._held):
            await self.drop(mailbox_id)
