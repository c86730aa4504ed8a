"""How commands reach the database and the broker: your own when set, else those of the platform in the state folder."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cli.state_dir import StateDir
from runtime.errors import TargetDownError, TransientError
from runtime.kafka import Producer
from runtime.postgres import Database, connect
from runtime.settings import configured_dsn
from sandbox.broker import MEMORY
from sandbox.postgres import PostgresServer, given_dsn


@asynccontextmanager
async def open_database() -> AsyncIterator[Database]:
    """The platform's database. Where only an embedded one is there and nothing runs, it is started for the moment.

    Raises TargetDownError when it cannot be reached.
    """
    embedded: PostgresServer | None = None
    dsn = configured_dsn() or given_dsn()
    if dsn is None:
        state = StateDir()
        running = state.running()
        if running is not None:
            dsn = running.postgres
        else:
            embedded = PostgresServer(state.path / "postgres")
            await asyncio.to_thread(embedded.start)
            dsn = embedded.dsn
    try:
        database = await connect(dsn, name="cli", pool_size=2)
        try:
            yield database
        finally:
            await database.close()
    finally:
        if embedded is not None:
            await asyncio.to_thread(embedded.stop)


@asynccontextmanager
async def open_producer(*, required: bool) -> AsyncIterator[Producer | None]:
    """A producer on the platform's broker; None when there is none that answers and it is not required.

    Raises TargetDownError when it is required and does not answer.
    """
    bootstrap = bootstrap_servers()
    if bootstrap is None:
        if required:
            raise TargetDownError("no broker is known: start `maildesk up`, or set MAILDESK_KAFKA_BOOTSTRAP")
        yield None
        return
    producer = Producer(bootstrap, "maildesk-cli")
    try:
        await producer.start()
    except TransientError:
        await producer.stop()
        if required:
            raise
        yield None
        return
    try:
        yield producer
    finally:
        await producer.stop()


def bootstrap_servers() -> str | None:
    """The broker's address: MAILDESK_KAFKA_BOOTSTRAP, else that of the platform that runs here."""
    given = os.environ.get("MAILDESK_KAFKA_BOOTSTRAP")
    if given and given != MEMORY:
        return given
    running = StateDir().running()
    return running.kafka if running is not None else None
