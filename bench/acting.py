"""The actions service's own parts around one effect: worker, sweeper, engine, claims, outbox and relay on a real
Postgres. Only Kafka is left out: commands come from a list, and what the relay publishes goes nowhere.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

from bench.commands import mailboxes, records
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.kafka import Consumer, Mark, Outgoing, Producer, Received
from runtime.migrations import migrate
from runtime.postgres import Database, connect
from runtime.service import Process
from schemas.command import ActionCommand
from schemas.registry import RuleRegistry
from services.actions.circuit import Circuits
from services.actions.effects.port import Effect
from services.actions.engine import Engine
from services.actions.executor import Executor
from services.actions.gate import Gate
from services.actions.policy import Policy
from services.actions.relay import Relay
from services.actions.standing import Standing
from services.actions.store import PostgresStore
from services.actions.worker import Worker

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 300.0


class Acting:
    """Carries out commands as the service does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = PostgresStore(database)
        self.policy = Policy()

    def engine(self, effect: Effect, circuits: Circuits, published: asyncio.Event) -> Engine:
        """An engine of this effect on the store."""
        clock = SystemClock()
        standing = Standing(mailboxes(), RuleRegistry(), self.policy)
        executor = Executor(effect, self.policy, circuits, standing, clock)
        return Engine(effect, self.policy, self.store, executor, clock, published)

    async def carry_out(self, effect: Effect, commands: Sequence[ActionCommand]) -> float:
        """Seconds from the first poll until every command has succeeded and its result is published.

        Raises RuntimeError when one ends otherwise, TimeoutError.
        """
        process, published = Process("bench"), asyncio.Event()
        circuits = Circuits(process.clock, Backoff())
        broker = _Nowhere(len(commands))
        source, nowhere = _Source(commands), cast("Producer", broker)
        engine = self.engine(effect, circuits, published)
        worker = Worker(effect.type, engine, self.store, cast("Consumer", source), nowhere, Gate(effect, circuits))
        ids = [each.command_id for each in commands]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(process))
            tasks.create_task(worker.sweep(process))
            tasks.create_task(Relay(self.store, nowhere, published).run(process))
            try:
                ended = await self._ended(ids, broker.enough)
            finally:
                process.stopping.set()
                published.set()
        await self._require_success(ids)
        return ended - source.began

    async def _ended(self, ids: Sequence[UUID], enough: asyncio.Event) -> float:
        async with asyncio.timeout(PATIENCE_SECONDS):
            # Looking all the time would take a tenth of a core from what is measured.
            await enough.wait()
            while True:
                # In this order: what is not written down yet is in no backlog either.
                known = await self.database.fetchval(_KNOWN, list(ids[-1:]))
                if known and not any((await self.store.backlog()).values()):
                    return time.perf_counter()
                await asyncio.sleep(LOOK_SECONDS)

    async def _require_success(self, ids: Sequence[UUID]) -> None:
        ended = {row["state"]: row["commands"] for row in await self.database.fetch(_STATES, list(ids))}
        if ended != {"succeeded": len(ids)}:
            raise RuntimeError(f"{len(ids)} commands should have succeeded: {ended}")


_KNOWN = "SELECT count(*) FROM actions.command WHERE command_id = ANY ($1::uuid[])"
_STATES = "SELECT state, count(*) AS commands FROM actions.command WHERE command_id = ANY ($1::uuid[]) GROUP BY state"


@asynccontextmanager
async def acting(dsn: str) -> AsyncIterator[Acting]:
    """On an empty database."""
    database = await connect(dsn, name="bench")
    try:
        await migrate(database, "actions")
        yield Acting(database)
    finally:
        await database.close()


class _Source:
    """A consumer of a list. `began`: when it was first asked."""

    def __init__(self, waiting: Sequence[ActionCommand]) -> None:
        self._waiting = waiting
        self._next = 0
        self.began = 0.0

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        self.began = self.began or time.perf_counter()
        given = self._waiting[self._next : self._next + max_records]
        self._next += len(given)
        if not given:
            await asyncio.sleep(seconds)
        return [records(each) for each in given]

    def mark(self) -> Mark:
        return {("bench", 0): self._next}

    async def commit(self, upto: Mark) -> bool:
        del upto
        return True

    def pause(self) -> None:
        return

    def resume(self) -> None:
        return


class _Nowhere:
    """A producer whose broker takes everything at once. `enough`: it got as many records as there are commands."""

    def __init__(self, commands: int) -> None:
        self._missing = commands
        self.enough = asyncio.Event()

    async def send_all(self, given: Sequence[Outgoing]) -> None:
        self._missing -= len(given)
        if self._missing <= 0:
            self.enough.set()
