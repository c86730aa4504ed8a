"""One action type's loops: read commands and carry them out; sweep up what waits or was left behind."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from runtime.errors import PermanentError
from runtime.kafka import Consumer, Mark, Outgoing, Producer, Received
from runtime.service import Process
from schemas.topics import action_topic
from services.actions.dead_letters import dead_letter
from services.actions.engine import AT_ONCE, Arrival, Engine
from services.actions.gate import Gate
from services.actions.metrics import DEAD_LETTERS
from services.actions.port import Store
from services.actions.reading import read_commands
from services.actions.streams import streams

POLL_RECORDS = 500
FIRST = 100
"""Of the first of many polls so many are begun with, so that their target does not wait until all are written down."""
POLL_SECONDS = 0.5
SWEEP_SECONDS = 0.5
SWEEP_LIMIT = 500
FORGOTTEN = timedelta(seconds=30)


class _Written(NamedTuple):
    """What was written down, in streams. `arrivals` are held until it is done: what is in hand is not read again."""

    streams: list[list[UUID]]
    arrivals: Sequence[tuple[Received, Arrival]]


class _Acting(NamedTuple):
    """Commands that are being carried out, and up to where all is done then."""

    task: asyncio.Task[bool]
    upto: Mark


class Worker:
    """Reads one command topic in its own consumer group."""

    def __init__(
        self, kind: str, engine: Engine, store: Store, consumer: Consumer, producer: Producer, gate: Gate
    ) -> None:
        self._kind = kind
        self._engine = engine
        self._store = store
        self._consumer = consumer
        self._producer = producer
        self._gate = gate

    async def run(self, process: Process) -> None:
        """Read, carry out, commit. An offset moves only when its command is written down and was tried.

        While some are carried out, the next ones are read and written down, so that their target does not wait.
        """
        await self._gate.ask(process)
        acting: _Acting | None = None
        try:
            while not process.stopping.is_set():
                await self._gate.keep(process, self._consumer)
                poll = partial(self._consumer.poll, POLL_RECORDS, POLL_SECONDS if acting is None else 0.0)
                records = await process.wait_until("kafka", poll)
                for some, upto in self._portions(records, POLL_RECORDS if acting is not None else FIRST):
                    written = await self._write_down(process, some)
                    if acting is not None and not await self._ended(process, acting):
                        return
                    acting = _Acting(asyncio.create_task(self._side_by_side(process, written)), upto)
                if not records and acting is not None:
                    if not await self._ended(process, acting):
                        return
                    acting = None
            if acting is not None:
                await self._ended(process, acting)
        finally:
            if acting is not None:
                acting.task.cancel()
                await asyncio.gather(acting.task, return_exceptions=True)

    def _portions(self, records: Sequence[Received], first: int) -> list[tuple[Sequence[Received], Mark]]:
        """The records, the first so many for themselves, each with the mark up to which all is done after it."""
        several = [some for some in (records[:first], records[first:]) if some]
        marks = [*[Mark()] * (len(several) - 1), self._consumer.mark()]
        return list(zip(several, marks, strict=False))

    async def _ended(self, process: Process, acting: _Acting) -> bool:
        """Whether all were tried, once they were; not so when the process stops before."""
        if not await acting.task:
            return False
        if acting.upto:
            await process.wait_until("kafka", partial(self._consumer.commit, acting.upto))
        return True

    async def sweep(self, process: Process) -> None:
        """Take up again what has waited long enough, and what a dead worker left."""
        while not await process.pause(SWEEP_SECONDS):
            if self._gate.is_closed():
                continue
            find = partial(self._store.due, [self._kind], SWEEP_LIMIT, FORGOTTEN)
            await self._carry_out(process, await process.wait_until("postgres", find))

    async def _write_down(self, process: Process, records: Sequence[Received]) -> _Written:
        """What cannot be a command becomes a dead letter."""
        arrivals, refused = read_commands(records)
        ids: list[UUID] = []
        if arrivals:
            ids, unfit = await process.wait_until("postgres", partial(self._accept, arrivals))
            refused += unfit
        if refused:
            await process.wait_until("kafka", partial(self._producer.send_all, refused))
            DEAD_LETTERS.labels(topic=action_topic(self._kind)).inc(len(refused))
        lanes = {arrival.command.command_id: arrival.command.event.conversation for _, arrival in arrivals}
        return _Written(streams(ids, lanes, AT_ONCE, self._engine.batch), arrivals)

    async def _accept(self, arrivals: Sequence[tuple[Received, Arrival]]) -> tuple[list[UUID], list[Outgoing]]:
        """Write them down. One that the database refuses does not take the others along."""
        try:
            return await self._engine.accept([arrival for _, arrival in arrivals]), []
        except PermanentError as error:
            if len(arrivals) == 1:
                return [], [dead_letter(arrivals[0][0], error)]
        ids: list[UUID] = []
        refused: list[Outgoing] = []
        for each in arrivals:
            accepted, unfit = await self._accept([each])
            ids += accepted
            refused += unfit
        return ids, refused

    async def _side_by_side(self, process: Process, written: _Written) -> bool:
        """All of them at once; when one is cancelled or fails, so is the rest."""
        turns = self._engine.turns()
        tasks = [asyncio.create_task(self._carry_out(process, ids, turns)) for ids in written.streams]
        try:
            return all(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry_out(self, process: Process, ids: Sequence[UUID], turns: asyncio.Semaphore | None = None) -> bool:
        """Whether all were; what a stop left belongs to whoever takes it up next."""
        left = list(ids)
        while left:
            if process.stopping.is_set():
                return False
            some, left = left[: self._engine.appetite], left[self._engine.appetite :]
            act = partial(self._engine.process, some, turns, process.stopping)
            left = [*await process.wait_until("postgres", act), *left]
        return True
