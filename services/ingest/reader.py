"""One mailbox's loop: look at its folders, hand on what is new, wait, look again; with patience when it is away."""

import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Literal

from connectors.mailbox.news import News
from connectors.mailbox.odoo_sides import SENT_FOLDER
from connectors.mailbox.port import FolderMissingError, MailboxConnection
from runtime.backoff import Backoff
from runtime.clock import Clock
from runtime.errors import MaildeskError, TransientError
from schemas.mailbox import Mailbox
from services.ingest.handlers import BatchHandler
from services.ingest.hook.calls import Calls
from services.ingest.metrics import FAILURES, LOOKS, WAITING
from services.ingest.model import Feed
from services.ingest.pacing import Pace
from services.ingest.publisher import Relay
from services.ingest.status import SHARED, State, StatusBoard
from services.ingest.store import Ledger

log = logging.getLogger(__name__)
Cause = Literal["start", "told", "net", "poll", "retry"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What every mailbox's loop stands on. `poll`: seconds between two looks at a source that tells nothing; `net`: at
    one that calls when something is new, in case that it forgets.

    `calls`: what somebody else says of sources that tell nothing. `backoff`: for a mailbox that fails. `servers`: for
    our own servers, which refuse nobody who comes back too often.
    """

    handler: BatchHandler
    relay: Relay
    ledger: Ledger
    board: StatusBoard
    clock: Clock
    poll: float = 2.0
    net: float = 60.0
    calls: Calls | None = None
    backoff: Backoff = field(default_factory=Backoff)
    servers: Backoff = field(default_factory=lambda: Backoff(first=0.5, longest=5.0))


def feeds(mailbox: Mailbox) -> tuple[Feed, ...]:
    """The folders that are read: inbox and further folders for mail-arrived, Sent for mail-sent where there is one."""
    source = mailbox.source
    inbox = source.inbox if source.kind == "imap" else "INBOX"
    further = source.folders if source.kind in ("imap", "maildir") else ()
    sent = source.sent if source.kind in ("imap", "maildir") else None
    if source.kind == "odoo":
        sent = SENT_FOLDER if source.sent else None
    found = tuple(
        Feed(mailbox.id, source.kind, folder, "incoming", mailbox.own_addresses) for folder in (inbox, *further)
    )
    return (*found, Feed(mailbox.id, source.kind, sent, "outgoing", mailbox.own_addresses)) if sent else found


class MailboxReader:
    """Reads one mailbox until it is cancelled, which may happen at any point without loss."""

    def __init__(self, mailbox: Mailbox, connection: MailboxConnection, reading: Reading) -> None:
        self._mailbox = mailbox.id
        self._feeds = feeds(mailbox)
        self._connection = connection
        self._reading = reading
        apart = mailbox.source.every if mailbox.source.kind == "pop3" else 0.0
        self._pace = Pace(max(reading.poll, apart), reading.clock)
        self._missing: set[str] = set()

    async def run(self) -> None:
        """Never returns; every error is logged and tried again, so that no mailbox stops for good."""
        failures = 0
        cause: Cause = "start"
        try:
            while True:
                LOOKS.labels(cause).inc()
                began = time.perf_counter()
                try:
                    new = await self.look()
                    self._pace.looked(new=new, seconds=time.perf_counter() - began, called=cause == "told")
                    cause = await self._wait()
                except Exception as error:
                    failures += 1
                    cause = "retry"
                    self._report(error, failures)
                    await self._reading.clock.sleep(self._patience(error).delay(failures))
                else:
                    failures = 0
        finally:
            if self._reading.calls is not None:
                self._reading.calls.forget(self._mailbox)
            await self._connection.close()

    async def _wait(self) -> Cause:
        """Until the next look is due; the inbox comes first, in case that the source watches only one folder."""
        folders = [feed.folder for feed in self._feeds if feed.folder not in self._missing]
        with WAITING.track_inprogress():
            news = await self._connection.wait(folders, self._reading.net)
        if news is News.QUIET:
            return "net"
        if news is News.UNTOLD and not await self._called(self._pace.pause()):
            return "poll"
        await self._reading.clock.sleep(self._pace.rest())
        return "told"

    async def _called(self, seconds: float) -> bool:
        """Wait that long, or until somebody else says that something is new."""
        if self._reading.calls is not None:
            return await self._reading.calls.within(self._mailbox, seconds)
        await self._reading.clock.sleep(seconds)
        return False

    def _patience(self, error: Exception) -> Backoff:
        ours = isinstance(error, MaildeskError) and error.code in SHARED
        return self._reading.servers if ours else self._reading.backoff

    async def look(self) -> int:
        """One pass: publish what is left over, then read every folder to its end. Returns how many mails were new.

        A folder that there is not holds up no other; without the inbox the pass fails when all are read.
        """
        await self._reading.relay.publish(self._mailbox)
        new = 0
        gone: dict[str, FolderMissingError] = {}
        for feed in self._feeds:
            try:
                new += await self._read(feed)
            except FolderMissingError as error:
                gone[feed.folder] = error
        self._note_missing(gone)
        if (inbox := self._feeds[0].folder) in gone:
            raise gone[inbox]
        self._reading.board.idle(self._mailbox)
        return new

    async def _read(self, feed: Feed) -> int:
        new = 0
        cursor = await self._reading.ledger.cursor(feed)
        async with AsyncExitStack() as stack:
            batches = self._connection.scan(feed.folder, cursor)
            if close := getattr(batches, "aclose", None):
                stack.push_async_callback(close)
            async for batch in batches:
                self._reading.board.reading(self._mailbox)
                new += await self._reading.handler.handle(feed, batch)
        return new

    def _note_missing(self, gone: Mapping[str, FolderMissingError]) -> None:
        for folder in gone.keys() - self._missing:
            log.warning(
                "no such folder: it is not read",
                extra={"mailbox": self._mailbox, "folder": folder, "detail": gone[folder].text},
            )
        for folder in self._missing - gone.keys():
            log.info("the folder is there now", extra={"mailbox": self._mailbox, "folder": folder})
        self._missing = set(gone)
        self._reading.board.missing(self._mailbox, sorted(gone))

    def _report(self, error: Exception, failures: int) -> None:
        if isinstance(error, MaildeskError):
            code, text = error.code, error.text
        else:
            code, text = "unexpected", f"unexpected {type(error).__name__}; see the log"
        FAILURES.labels(self._mailbox, code).inc()
        log.warning(
            "a mailbox cannot be read",
            extra={"mailbox": self._mailbox, "code": code, "detail": text, "try": failures},
            exc_info=None if isinstance(error, MaildeskError) else error,
        )
        state: State = "down" if isinstance(error, TransientError) else "failed"
        self._reading.board.failed(self._mailbox, state, self._reading.relay.pending(self._mailbox), (code, text))
