"""The loop of one consumer group: poll, evaluate, publish, and only then commit."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from runtime.errors import TransientError
from runtime.kafka import Outgoing, Received
from runtime.outcome import Refused
from runtime.service import Process
from schemas.refusal import Refusal, bury
from services.evaluator import metrics
from services.evaluator.constants import SERVICE
from services.evaluator.handlers import Handler
from services.evaluator.together import portions

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
YIELD_SECONDS = 0.02
"""How long a batch may keep the event loop to itself; heartbeats, /healthz and the other group live in between."""
FLUSH_BYTES = 8 * 1024 * 1024
"""Published in portions of about this size, so that a batch of large events stays in bounded memory."""


class Source(Protocol):
    """Where records come from."""

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        """Up to that many."""

    async def commit(self) -> bool:
        """Everything polled so far is dealt with."""


class Sink(Protocol):
    """Where records go."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """All of them, acknowledged; raises TransientError when any is not."""


class Publisher:
    """Publishes with a bounded number of tries; when they are spent the process must end, its offsets uncommitted."""

    def __init__(self, process: Process, sink: Sink, tries: int) -> None:
        self._process = process
        self._sink = sink
        self._tries = tries

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Raises TransientError when the last try failed."""
        for failures in range(1, self._tries + 1):
            try:
                await self._sink.send_all(records)
            except TransientError as error:
                metrics.SEND_FAILURES.inc()
                log.warning("a batch was not acknowledged", extra={"code": error.code, "try": failures})
                if failures == self._tries:
                    raise
                await self._process.clock.sleep(self._process.backoff.delay(failures))
            else:
                return


class Worker:
    """One group's loop. A record is committed only after everything that follows from it is acknowledged."""

    def __init__(self, process: Process, source: Source, publisher: Publisher, handler: Handler, batch: int) -> None:
        self._process = process
        self._source = source
        self._publisher = publisher
        self._handler = handler
        self._batch = batch

    async def run(self) -> None:
        """Until the process is asked to stop; the batch at hand is finished first."""
        while not self._process.stopping.is_set():
            if records := await self._source.poll(self._batch, POLL_SECONDS):
                await self.work(records)

    async def work(self, records: Iterable[Received]) -> None:
        """One batch, in order."""
        waiting: list[Outgoing] = []
        size, since = 0, self._process.clock.monotonic()
        for portion in portions(records):
            follows = self._handled(portion)
            waiting += follows
            size += sum([len(each.value or b"") for each in follows])
            if size > FLUSH_BYTES:
                await self._publisher.publish(waiting)
                waiting, size = [], 0
            if self._process.clock.monotonic() - since > YIELD_SECONDS:
                await asyncio.sleep(0)
                since = self._process.clock.monotonic()
        await self._publisher.publish(waiting)
        if not await self._source.commit():
            log.info("the group moved on; its new members evaluate this batch again")

    def _handled(self, records: Sequence[Received]) -> list[Outgoing]:
        started = self._process.clock.monotonic()
        outcomes = self._handler.handle_all(records)
        seconds = (self._process.clock.monotonic() - started) / len(records)
        follows: list[Outgoing] = []
        for record, outcome in zip(records, outcomes, strict=True):
            metrics.SECONDS.observe(seconds)
            follows += self._buried(record, outcome) if isinstance(outcome, Refused) else outcome.records
        return follows

    def _buried(self, record: Received, refused: Refused) -> Sequence[Outgoing]:
        metrics.DEAD_LETTERS.labels(record.topic).inc()
        log.warning("refused a record", extra={"code": refused.code, "topic": record.topic, "offset": record.offset})
        return (Outgoing(*bury(record, Refusal(SERVICE, refused.code, refused.text, self._process.clock.now()))),)
