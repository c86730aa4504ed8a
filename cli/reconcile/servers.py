"""First leg: what the source of a mailbox lists, and what the ledger has of it."""

from collections.abc import AsyncIterator, Callable
from datetime import date

from cli.reconcile.gaps import Gap, Note
from connectors.mailbox.port import FolderMissingError, MailboxConnection
from runtime.clock import Clock
from runtime.errors import MaildeskError
from runtime.postgres import Database
from schemas.mailbox import Mailbox
from services.ingest.model import Feed
from services.ingest.reader import feeds
from services.ingest.reconcile.folder import Folder, Missing, rewind

Opener = Callable[[Mailbox], MailboxConnection]


class Servers:
    """Compares one mailbox after the other. `mend`: have ingest read again what is missing."""

    def __init__(
        self, database: Database, opener: Opener, clock: Clock, *, mend: bool = False, settling: float = 3.0
    ) -> None:
        self._database = database
        self._opener = opener
        self._clock = clock
        self._mend = mend
        self._settling = settling

    async def compare(self, mailbox: Mailbox, since: date | None) -> AsyncIterator[Gap | Note]:
        """Every message that no row of the ledger knows. A mailbox that cannot be listed is one gap."""
        connection = self._opener(mailbox)
        try:
            for feed in feeds(mailbox):
                async for found in self._folder(connection, feed, since):
                    yield found
        except MaildeskError as error:
            yield Gap("unreadable", mailbox.id, "the mailbox", error.text, "mend that, then reconcile again")
        finally:
            await connection.close()

    async def _folder(self, connection: MailboxConnection, feed: Feed, since: date | None) -> AsyncIterator[Gap | Note]:
        folder = Folder(self._database, self._clock, feed, self._settling)
        first: Missing | None = None
        try:
            async for missing in folder.compare(connection, since):
                if first is None or (missing.passed and not first.passed):
                    first = missing
                yield _gap(feed, missing)
        except FolderMissingError as error:
            if feed.direction == "incoming":
                raise
            yield Note(feed.mailbox, f"{feed.folder}: sent mail is not read: {error.text}")
            return
        yield Note(feed.mailbox, f"{feed.folder}: {folder.listed} listed, {folder.missing} not recorded")
        if since is None and (gone := await folder.gone()):
            yield Note(feed.mailbox, f"{feed.folder}: {gone} recorded places are gone: moved or deleted since")
        if self._mend and first is not None:
            yield await self._read_again(feed, first)

    async def _read_again(self, feed: Feed, first: Missing) -> Note:
        if not first.passed and first.place.before is not None:
            return Note(feed.mailbox, f"{feed.folder}: ingest has not come to it yet; nothing to mend")
        await rewind(self._database, feed, first.place.before, self._clock)
        begin = "the beginning" if first.place.before is None else f"uid {first.place.position.uid}"
        return Note(
            feed.mailbox, f"{feed.folder}: mended: ingest reads it again from {begin}; reconcile again in a minute"
        )


def _gap(feed: Feed, missing: Missing) -> Gap:
    position = missing.place.position
    place = "/".join(part for part in (position.folder, position.uidvalidity, position.uid) if part)
    if missing.passed:
        text, remedy = "it was passed over: what comes after it is recorded", "--mend has ingest read it again"
    else:
        text = "ingest has not come to it"
        remedy = "is ingest running, and does its status (/readyz) name this mailbox? Else: --mend"
    return Gap("not-recorded", feed.mailbox, f"{feed.direction} {place}", text, remedy)
