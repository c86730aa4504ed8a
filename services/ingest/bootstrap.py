"""The composition root: the only place where the service's clients are built."""

from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from connectors.mailbox.open import open_mailbox
from runtime.backoff import Backoff
from runtime.clients import compacted_reader, migrated_database, started
from runtime.errors import TransientError
from runtime.kafka import CompactedReader, Producer, Received
from runtime.service import Main, Process
from runtime.settings import read_secret
from schemas.registry import MailboxRegistry
from schemas.topics import AUTOMATION_RULES
from services.ingest.fleet import Fleet, Opener
from services.ingest.handlers import BatchHandler
from services.ingest.parse.mail import parse_mail
from services.ingest.publisher import Relay
from services.ingest.reader import Reading
from services.ingest.settings import IngestSettings
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger

FOLLOW_SECONDS = 0.5
Rules = tuple[CompactedReader, list[Received]]


def bootstrap(settings: IngestSettings) -> Main:
    """The service's `main`, with real clients."""

    def main(process: Process) -> Coroutine[Any, Any, None]:
        return run(process, settings)

    return main


async def run(process: Process, settings: IngestSettings) -> None:
    """Wait for Postgres, Kafka and the mailboxes, then read them until the process is asked to stop."""
    async with AsyncExitStack() as stack:
        database = await migrated_database(process, stack, settings)
        producer = await started(process, stack, lambda: Producer(settings.kafka_bootstrap, "maildesk-ingest"))
        rules = await compacted_reader(process, stack, settings, AUTOMATION_RULES.name)
        reading = _reading(process, settings, Ledger(database, process.clock.now()), producer)
        fleet = Fleet(_opener(settings), reading)
        stack.push_async_callback(fleet.close)
        await _follow(process, settings, fleet, reading.board, rules)


def _reading(process: Process, settings: IngestSettings, ledger: Ledger, producer: Producer) -> Reading:
    relay = Relay(ledger, producer, process.clock)
    return Reading(
        handler=BatchHandler(ledger, relay, parse_mail, process.clock),
        relay=relay,
        ledger=ledger,
        board=StatusBoard(process.health),
        clock=process.clock,
        poll=settings.ingest_poll,
        backoff=Backoff(first=0.5, longest=settings.ingest_retry_longest),
    )


def _opener(settings: IngestSettings) -> Opener:
    return lambda mailbox: open_mailbox(mailbox, lambda name: read_secret(name, settings.secrets_dir))


async def _follow(process: Process, settings: IngestSettings, fleet: Fleet, board: StatusBoard, rules: Rules) -> None:
    """Read the mailboxes in force, and follow their changes."""
    registry = MailboxRegistry()
    reader, records = rules
    while not process.stopping.is_set():
        if registry.take(records):
            await fleet.apply({key: box for key, box in registry.mailboxes.items() if settings.reads(key)})
        board.version(registry.version)
        records = await _next(process, reader)


async def _next(process: Process, reader: CompactedReader) -> list[Received]:
    try:
        records = await reader.poll(FOLLOW_SECONDS)
    except TransientError as error:
        process.health.set("rules", ready=False, detail=error.text)
        await process.pause(FOLLOW_SECONDS)
        return []
    process.health.set("rules", ready=True)
    return records
