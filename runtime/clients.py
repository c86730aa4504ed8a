"""Clients that a service waits for at start and closes at its end, however far it came."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Protocol, TypeVar

from runtime.kafka import CompactedReader, Received
from runtime.migrations import migrate
from runtime.postgres import Database, connect
from runtime.service import Process
from runtime.settings import ServiceSettings


class Client(Protocol):
    """A producer or a consumer."""

    async def start(self) -> None:
        """Connect. Raises TransientError."""

    async def stop(self) -> None:
        """Close, however far the start came."""


C = TypeVar("C", bound=Client)


async def started(process: Process, stack: AsyncExitStack, make: Callable[[], C]) -> C:
    """A Kafka client that answers, made anew for every try; it is stopped when the stack closes."""

    async def attempt() -> C:
        client = make()
        try:
            await client.start()
        except BaseException:
            await client.stop()
            raise
        return client

    client = await process.wait_until("kafka", attempt)
    stack.push_async_callback(client.stop)
    return client


async def migrated_database(process: Process, stack: AsyncExitStack, settings: ServiceSettings) -> Database:
    """The service's pool, its schema brought up to date; it is closed when the stack closes."""

    async def attempt() -> Database:
        dsn = settings.postgres_dsn.get_secret_value()
        database = await connect(dsn, name=process.name, pool_size=settings.postgres_pool)
        try:
            await migrate(database, process.name)
        except BaseException:
            await database.close()
            raise
        return database

    database = await process.wait_until("postgres", attempt)
    stack.push_async_callback(database.close)
    return database


async def compacted_reader(
    process: Process, stack: AsyncExitStack, settings: ServiceSettings, topic: str
) -> tuple[CompactedReader, list[Received]]:
    """A reader of the whole topic, with what it held up to the end seen now."""

    async def attempt() -> tuple[CompactedReader, list[Received]]:
        reader = CompactedReader(settings.kafka_bootstrap, topic, f"maildesk-{process.name}-{topic}")
        try:
            return reader, await reader.start()
        except BaseException:
            await reader.stop()
            raise

    reader, records = await process.wait_until("rules", attempt)
    stack.push_async_callback(reader.stop)
    return reader, records
