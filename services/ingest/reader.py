"""One mailbox's loop: look at its folders, hand on what is new, wait, look again; with patience when it is away."""

import logging
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from connectors.mailbox.odoo_sides import SENT_FOLDER
from connectors.mailbox.port import FolderMissingError, MailboxConnection
from runtime.backoff import Backoff
from runtime.clock import Clock
from runtime.errors import MaildeskError, TransientError
from schemas.mailbox import Mailbox
from services.ingest.handlers import BatchHandler
from services.ingest.metrics import FAILURES
from services.ingest.model import Feed
from services.ingest.publisher import Relay
from services.ingest.status import SHARED, State, StatusBoard
from services.ingest.store import Ledger

log = logging.getLogger(__name__)
LONGEST_WAIT = 60.0
SHARE = 4.0
"""A pass that took s seconds and found nothing new is followed by a wait of at least 4 s: looking costs a fifth."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What every mailbox's loop stands on. `poll`: seconds between two looks.

    `backoff`: for a mailbox that fails. `servers`: for our own servers, which refuse nobody who comes back too often.
    """

    handler: BatchHandler
    relay: Relay
    ledger: Ledger
    board: StatusBoard
    clock: Clock
    poll: float = 2.0
    backoff: Backoff = field(default_factory=Backoff)
    servers: Backoff = field(default_factory=lambda: Backoff(first=0.5, longest=5.0))


def feeds(mailbox: Mailbox) -> tuple[Feed, ...]:
    """The folders that are read: the inbox for mail-arrived, Sent for mail-sent where the source has one."""
    source = mailbox.source
    inbox = source.inbox if source.kind == "imap" else "INBOX"
    found = (Feed(mailbox.id, source.kind, inbox, "incoming"),)
    sent = source.sent if source.kind in ("imap", "maildir") else None
    if source.kind == "odoo":
        sent = SENT_FOLDER if source.sent else None
    return (*found, Feed(mailbox.id, source.kind, sent, "outgoing")) if sent else found


class MailboxReader:
    """Reads one mailbox until it is cancelled, which may happen at any point without loss."""

    def __init__(self, mailbox: Mailbox, connection: MailboxConnection, reading: Reading) -> None:
        self._mailbox = mailbox.id
        self._feeds = feeds(mailbox)
        self._connection = connection
        self._reading = reading
        self._missing: set[str] = set()

    async def run(self) -> None:
        """Never returns; every error is logged and tried again, so that no mailbox stops for good."""
        failures = 0
        try:
            while True:
                began = time.perf_counter()
                try:
                    new = await self.look()
                except Exception as error:
                    failures += 1
                    self._report(error, failures)
                    wait = self._patience(error).delay(failures)
                else:
                    failures = 0
                    wait = self._reading.poll if new else self._quiet_wait(time.perf_counter() - began)
                await self._reading.clock.sleep(wait)
        finally:
            await self._connection.close()

    def _patience(self, error: Exception) -> Backoff:
        ours = isinstance(error, MaildeskError) and error.code in SHARED
        return self._reading.servers if ours else self._reading.backoff

    def _quiet_wait(self, seconds: float) -> float:
        """Seconds until the next look after one of `seconds` that found nothing."""
        return min(LONGEST_WAIT, max(self._reading.poll, SHARE * seconds))

    async def look(self) -> int:
        """One pass: publish what is left over, then read every folder to its end. Returns how many mails were new."""
        await self._reading.relay.publish(self._mailbox)
        new = 0
        for feed in self._feeds:
            new += await self._read(feed)
        self._reading.board.idle(self._mailbox)
        return new

    async def _read(self, feed: Feed) -> int:
        new = 0
        cursor = await self._reading.ledger.cursor(feed)
        try:
            async with AsyncExitStack() as stack:
                batches = self._connection.scan(feed.folder, cursor)
                if close := getattr(batches, "aclose", None):
                    stack.push_async_callback(close)
                async for batch in batches:
                    self._reading.board.reading(self._mailbox)
                    new += await self._reading.handler.handle(feed, batch)
        except FolderMissingError:
            if feed.direction == "incoming":
                raise
            self._note_missing(feed)
        return new

    def _note_missing(self, feed: Feed) -> None:
        if feed.folder not in self._missing:
            self._missing.add(feed.folder)
            log.warning("no such folder: sent mail is not read", extra={"mailbox": feed.mailbox, "folder": feed.folder})

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
