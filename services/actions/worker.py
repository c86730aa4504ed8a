"""One action type's loops: read commands and carry them out; sweep up what waits or was left behind."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from pydantic import ValidationError

from runtime.errors import TransientError
from runtime.kafka import Consumer, Outgoing, Producer, Received
from runtime.service import Process
from schemas.command import ActionCommand
from schemas.topics import action_topic
from services.actions.circuit import Circuits
from services.actions.dead_letters import dead_letter
from services.actions.effects.port import Effect
from services.actions.engine import Arrival, Engine
from services.actions.metrics import DEAD_LETTERS
from services.actions.port import Store

log = logging.getLogger(__name__)
POLL_RECORDS = 500
POLL_SECONDS = 0.5
SWEEP_SECONDS = 0.5
SWEEP_LIMIT = 500
FORGOTTEN = timedelta(seconds=30)
_CARRIED = ("traceparent", "tracestate")


class Worker:
    """Reads one command topic in its own consumer group."""

    def __init__(
        self, effect: Effect, engine: Engine, store: Store, consumer: Consumer, producer: Producer, circuits: Circuits
    ) -> None:
        self._effect = effect
        self._engine = engine
        self._store = store
        self._consumer = consumer
        self._producer = producer
        self._circuits = circuits
        self._paused = False

    async def run(self, process: Process) -> None:
        """Read, carry out, commit. An offset moves only when its command is written down and was tried."""
        while not process.stopping.is_set():
            await self._pause_or_resume(process)
            records = await process.wait_until("kafka", lambda: self._consumer.poll(POLL_RECORDS, POLL_SECONDS))
            if not records:
                continue
            arrivals, refused = _read(records)
            if refused:
                await process.wait_until("kafka", partial(self._producer.send_all, refused))
                DEAD_LETTERS.inc(len(refused))
            if arrivals:
                await process.wait_until("postgres", partial(self._carry_out, arrivals))
            await process.wait_until("kafka", self._consumer.commit)

    async def sweep(self, process: Process) -> None:
        """Take up again what has waited long enough, and what a dead worker left."""
        while not await process.pause(SWEEP_SECONDS):
            if not self._target_down():
                await process.wait_until("postgres", self._sweep_once)

    async def _sweep_once(self) -> None:
        if ids := await self._store.due([self._effect.type], SWEEP_LIMIT, FORGOTTEN):
            await self._engine.process(ids)

    async def _carry_out(self, arrivals: Sequence[Arrival]) -> None:
        await self._engine.process(await self._engine.accept(arrivals))

    def _target_down(self) -> bool:
        target = self._effect.shared_target
        return target is not None and self._circuits.is_open(target)

    async def _pause_or_resume(self, process: Process) -> None:
        """While the target of all commands is down: stay in the group, fetch nothing, ask it now and then."""
        target = self._effect.shared_target
        if target is None:
            return
        if self._circuits.is_open(target) and self._circuits.wait_seconds(target) == 0:
            await self._probe(target)
        if self._circuits.is_open(target):
            if not self._paused:
                log.warning("paused: %s is down", target, extra={"detail": self._circuits.reason(target)})
            process.health.set(target, ready=False, detail=self._circuits.reason(target))
            self._consumer.pause()
        elif self._paused:
            log.warning("resumed: %s answers again", target)
            process.health.set(target, ready=True)
            self._consumer.resume()
        self._paused = self._circuits.is_open(target)

    async def _probe(self, target: str) -> None:
        try:
            await self._effect.probe()
        except TransientError as error:
            self._circuits.failed(target, error.text)
        else:
            self._circuits.answered(target)


def _read(records: Sequence[Received]) -> tuple[list[Arrival], list[Outgoing]]:
    """Commands, and dead letters of what is none."""
    arrivals: list[Arrival] = []
    refused: list[Outgoing] = []
    for record in records:
        try:
            command = ActionCommand.model_validate_json(record.value or b"")
        except ValidationError as error:
            refused.append(dead_letter(record, error))
            continue
        if record.topic != action_topic(command.type):
            refused.append(dead_letter(record, ValueError(f"a {command.type} command does not belong here")))
            continue
        headers = {name: value.decode("utf-8", "replace") for name, value in record.headers if name in _CARRIED}
        arrivals.append(Arrival(command, record.value or b"", headers))
    return arrivals, refused
