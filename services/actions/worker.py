"""One action type's loops: read commands and carry them out; sweep up what waits or was left behind."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from runtime.errors import PermanentError
from runtime.kafka import Consumer, Outgoing, Producer, Received
from runtime.service import Process
from schemas.command import ActionCommand
from schemas.topics import action_topic
from services.actions.dead_letters import dead_letter
from services.actions.engine import AT_ONCE, Arrival, Engine
from services.actions.gate import Gate
from services.actions.in_hand import InHand
from services.actions.metrics import DEAD_LETTERS
from services.actions.port import Store
from services.actions.reading import read_commands

POLL_RECORDS = 500
"""Nothing more is read while more than these are in hand."""
POLL_SECONDS = 0.5
FIRST = 100
"""What is read while nothing is in hand: a target does not wait until all of a large poll is written down."""
LOOK_SECONDS = 0.05
"""While something is in hand: how long a poll waits, and how often it is seen whether enough was done."""
SWEEP_SECONDS = 0.5
SWEEP_LIMIT = 500
FORGOTTEN = timedelta(seconds=30)


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

        While some are carried out, the next ones are read, written down and claimed: their target need not wait.
        """
        await self._gate.ask(process)
        hand, turns = InHand(), self._engine.turns()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._carry_on(process, hand, turns))
            try:
                await self._read(process, hand)
            finally:
                hand.close()
        await self._commit(process, hand)

    async def _read(self, process: Process, hand: InHand) -> None:
        while not process.stopping.is_set():
            await self._gate.keep(process, self._consumer)
            await self._commit(process, hand)
            if hand.held > POLL_RECORDS:
                await process.pause(LOOK_SECONDS)
                continue
            many, seconds = (POLL_RECORDS, LOOK_SECONDS) if hand.held else (FIRST, POLL_SECONDS)
            if records := await process.wait_until("kafka", partial(self._consumer.poll, many, seconds)):
                hand.add(await self._write_down(process, records), self._consumer.mark())

    async def _commit(self, process: Process, hand: InHand) -> None:
        if (upto := hand.upto()) is not None:
            await process.wait_until("kafka", partial(self._consumer.commit, upto))

    async def _carry_on(self, process: Process, hand: InHand, turns: asyncio.Semaphore) -> None:
        """What a stop left is never done here, and belongs to whoever takes it up next."""
        while held := await hand.take(self._engine.appetite):
            if await self._carry_out(process, [each.command.command_id for each in held], turns):
                hand.done(held)

    async def sweep(self, process: Process) -> None:
        """Take up again what has waited long enough, and what a dead worker left."""
        while not await process.pause(SWEEP_SECONDS):
            if self._gate.is_closed():
                continue
            find = partial(self._store.due, [self._kind], SWEEP_LIMIT, FORGOTTEN)
            await self._carry_out(process, await process.wait_until("postgres", find))

    async def _write_down(self, process: Process, records: Sequence[Received]) -> list[ActionCommand]:
        """Returns the commands among them; what cannot be one becomes a dead letter."""
        arrivals, refused = read_commands(records)
        accepted: list[ActionCommand] = []
        if arrivals:
            accepted, unfit = await process.wait_until("postgres", partial(self._accept, arrivals))
            refused += unfit
        if refused:
            await process.wait_until("kafka", partial(self._producer.send_all, refused))
            DEAD_LETTERS.labels(topic=action_topic(self._kind)).inc(len(refused))
        return accepted

    async def _accept(self, arrivals: Sequence[tuple[Received, Arrival]]) -> tuple[list[ActionCommand], list[Outgoing]]:
        """Write them down. One that the database refuses does not take the others along."""
        try:
            await self._engine.accept([arrival for _, arrival in arrivals])
        except PermanentError as error:
            if len(arrivals) == 1:
                return [], [dead_letter(arrivals[0][0], error)]
        else:
            return [arrival.command for _, arrival in arrivals], []
        accepted: list[ActionCommand] = []
        refused: list[Outgoing] = []
        for each in arrivals:
            taken, unfit = await self._accept([each])
            accepted += taken
            refused += unfit
        return accepted, refused

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
