"""The composition root: the only place where the service's clients are built."""

from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from runtime.backoff import Backoff
from runtime.errors import TransientError
from runtime.kafka import CompactedReader, Producer, Received
from runtime.migrations import migrate
from runtime.postgres import Database, connect
from runtime.service import Main, Process
from runtime.settings import read_secret
from schemas.mailbox import Mailbox
from schemas.topics import AUTOMATION_RULES
from services.ingest.fleet import Fleet
from services.ingest.handlers import BatchHandler
from services.ingest.parse.mail import parse_mail
from services.ingest.publisher import Relay
from services.ingest.reader import Reading
from services.ingest.registry import Registry
from services.ingest.settings import IngestSettings
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger

FOLLOW_SECONDS = 0.5


def bootstrap(settings: IngestSettings) -> Main:
    """The service's `main`, with real clients."""

    def main(process: Process) -> Coroutine[Any, Any, None]:
        return run(process, settings)

    return main


async def run(process: Process, settings: IngestSettings) -> None:
    """Wait for Postgres, Kafka and the mailboxes, then read them until the process is asked to stop."""

    async def open_database() -> Database:
        return await connect(
            settings.postgres_dsn.get_secret_value(), name=settings.service, pool_size=settings.postgres_pool
        )

    async def open_producer() -> Producer:
        producer = Producer(settings.kafka_bootstrap, f"maildesk-{settings.service}")
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async with AsyncExitStack() as stack:
        database = await process.wait_until("postgres", open_database)
        stack.push_async_callback(database.close)
        await process.wait_until("postgres", lambda: migrate(database, settings.service))
        producer = await process.wait_until("kafka", open_producer)
        stack.push_async_callback(producer.stop)
        reading = _reading(process, settings, Ledger(database, process.clock.now()), producer)
        await follow(process, settings, reading)


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


async def follow(process: Process, settings: IngestSettings, reading: Reading) -> None:
    """Read the mailboxes in force, and follow their changes."""

    def connection(mailbox: Mailbox) -> MailboxConnection:
        return open_mailbox(mailbox, lambda name: read_secret(name, settings.secrets_dir))

    async def open_rules() -> tuple[CompactedReader, list[Received]]:
        reader = CompactedReader(settings.kafka_bootstrap, AUTOMATION_RULES.name, f"maildesk-{settings.service}-rules")
        try:
            return reader, await reader.start()
        except BaseException:
            await reader.stop()
            raise

    registry, fleet = Registry(), Fleet(connection, reading)
    reader, records = await process.wait_until("rules", open_rules)
    try:
        while not process.stopping.is_set():
            if registry.take(records):
                await fleet.apply({key: box for key, box in registry.mailboxes.items() if settings.reads(key)})
            reading.board.version(registry.version)
            records = await _next(process, reader)
    finally:
        await fleet.close()
        await reader.stop()


async def _next(process: Process, reader: CompactedReader) -> list[Received]:
    try:
        records = await reader.poll(FOLLOW_SECONDS)
    except TransientError as error:
        process.health.set("rules", ready=False, detail=error.text)
        await process.pause(FOLLOW_SECONDS)
        return []
    process.health.set("rules", ready=True)
    return records
