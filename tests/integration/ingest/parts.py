"""What the tests of ingest stand on: a real ledger, a fake mailbox, a broker that keeps what it acknowledged."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.mailbox.port import MailboxConnection, Position
from runtime.backoff import Backoff
from runtime.clock import Clock, FakeClock
from runtime.errors import TargetDownError
from runtime.health import Health
from runtime.kafka import Outgoing
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.mailbox import ImapSource, Mailbox
from services.ingest.asked import Asked
from services.ingest.facts import FactReader
from services.ingest.gate import Gate
from services.ingest.handlers import BatchHandler
from services.ingest.model import Feed, Pending
from services.ingest.parse.mail import Parser, parse_mail
from services.ingest.publisher import Relay
from services.ingest.reader import MailboxReader, Reading
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger

MAILBOX = Mailbox(id="info", source=ImapSource(kind="imap", host="mail.example", username="info", password="INFO"))


class CrashError(Exception):
    """The process dies here."""


@dataclass
class Broker:
    """Keeps what it acknowledged. `fail_before` and `fail_after` count down: the send fails without or with effect."""

    records: list[Outgoing] = field(default_factory=list)
    fail_before: int = 0
    fail_after: int = 0

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        if self.fail_before:
            self.fail_before -= 1
            raise TargetDownError("Kafka: away", code="kafka-down")
        self.records += records
        if self.fail_after:
            self.fail_after -= 1
            raise TargetDownError("Kafka: no answer", code="kafka-down")

    def distinct(self) -> list[Outgoing]:
        """Each record once, in the order of its first publishing; unequal repeats of one id show."""
        return [record for n, record in enumerate(self.records) if record not in self.records[:n]]


class CrashingLedger(Ledger):
    """A ledger whose process dies at a named step, once."""

    def __init__(self, database: Database, crash_at: str = "") -> None:
        super().__init__(database)
        self.crash_at = crash_at

    def crash(self, step: str) -> None:
        if self.crash_at == step:
            self.crash_at = ""
            raise CrashError(step)

    async def known(self, mailbox: str, positions: Sequence[Position], now: object) -> set[int]:
        self.crash("before the ledger")
        return await super().known(mailbox, positions, now)  # type: ignore[arg-type]

    async def unpublished(self, mailbox: str) -> list[Pending]:
        found = await super().unpublished(mailbox)
        if found:
            self.crash("before publishing")
        return found

    async def mark_published(self, pending: Sequence[Pending], now: object) -> None:
        self.crash("before the mark")
        await super().mark_published(pending, now)  # type: ignore[arg-type]
        self.crash("after the mark")

    async def move_cursor(self, feed: Feed, cursor: str, now: object) -> None:
        self.crash("before the cursor")
        await super().move_cursor(feed, cursor, now)  # type: ignore[arg-type]
        self.crash("after the cursor")


@dataclass
class Desk:
    """One process that reads one mailbox."""

    reader: MailboxReader
    reading: Reading
    health: Health
    clock: FakeClock


def desk(
    ledger: Ledger,
    broker: Broker,
    box: MailboxConnection,
    *,
    parser: Parser = parse_mail,
    mailbox: Mailbox = MAILBOX,
    facts: FactReader | None = None,
) -> Desk:
    """A reader put together as bootstrap does; rules need nothing of Odoo unless `facts` says so."""
    clock, health = FakeClock(), Health()
    facts = facts or no_facts(clock)
    relay = Relay(ledger, broker, clock)
    board = StatusBoard(health)
    reading = Reading(BatchHandler(ledger, relay, parser, facts, clock), relay, ledger, board, clock)
    board.add(mailbox.id)
    return Desk(MailboxReader(mailbox, box, reading), reading, health, clock)


def no_facts(clock: Clock) -> FactReader:
    """Where no rule needs anything of Odoo."""
    return FactReader(None, lambda _mailbox, _direction: Asked(), Gate(clock, Backoff()), clock)


async def migrated(database: Database) -> Database:
    """The database with the ledger's tables."""
    await migrate(database, "ingest")
    return database


async def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what another task brings about."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - the condition is a fact of the outside, which sets no event
            await asyncio.sleep(0.02)


def numbered(number: int, more: str = "") -> bytes:
    """A mail that differs from all others."""
    return (
        f"Message-ID: <{number}@example.org>\nFrom: a{number}@example.org\nTo: info@firma.example\n"
        f"Subject: Number {number}\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n{more}\nText {number}\n"
    ).encode()
