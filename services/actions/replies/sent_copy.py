"""The copy of a reply in the mailbox's Sent folder: made once, and a witness that the reply went out."""

from connectors.mailbox.port import MailboxConnection
from runtime.errors import PermanentError, TransientError
from schemas.mailbox import ImapSource, Mailbox, MaildirSource
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.port import UnfinishedError
from services.actions.replies.letter import Letter

COPY_TRIES = 8
"""Failures after which a reply that was taken counts as done without its copy."""


class SentCopies:
    """Puts copies into Sent, and finds them there."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def make(self, mailbox: Mailbox, letter: Letter, failures: int) -> Produced:
        """What to say of a reply that the server has taken. Raises UnfinishedError `copy-waits` while its copy
        cannot be made yet; after some `failures` it goes without."""
        details = {"recipient": letter.recipient, "message_id": letter.message_id}
        text = f"replied to {letter.recipient}"
        folder = sent_folder(mailbox)
        if folder is None:
            return Produced(text=f"{text}; without a copy, as the mailbox has no Sent folder", details=details)
        try:
            copy = await (await self._open(mailbox)).append(folder, letter.raw, letter.message_id)
        except PermanentError as error:
            return Produced(text=f"{text}; without a copy: {error.text}", details=details)
        except TransientError as error:
            if failures >= COPY_TRIES:
                return Produced(text=f"{text}; without a copy: {error.text}", details=details)
            waits = f"the reply was taken; its copy could not be put into {folder} yet: {error.text}"
            raise UnfinishedError(waits, code="copy-waits") from error
        return Produced(text=text, details={**details, "copy": copy})

    async def find(self, mailbox: Mailbox, message_id: str) -> Produced | None:
        """The reply as Sent shows it, whoever put it there. Raises TransientError while nobody can look."""
        folder = sent_folder(mailbox)
        if folder is None:
            return None
        try:
            copy = await (await self._open(mailbox)).find_copy(folder, message_id)
        except PermanentError:
            return None  # where there is nothing to look at, nothing is found
        if copy is None:
            return None
        return Produced(text=f"replied, as {folder} shows", details={"message_id": message_id, "copy": copy})

    async def _open(self, mailbox: Mailbox) -> MailboxConnection:
        return await self._connections.get(mailbox.id)


def sent_folder(mailbox: Mailbox) -> str | None:
    """Where the mailbox's sent mail lies; None where it has no such folder."""
    source = mailbox.source
    return source.sent if isinstance(source, ImapSource | MaildirSource) else None
