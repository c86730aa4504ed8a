"""A batch of raw records becomes rows; what cannot becomes dead letters. When `handle` returns, all is safe."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from runtime.clock import Clock
from runtime.kafka import Outgoing, Received
from runtime.outcome import Refused
from schemas.refusal import Refusal, bury
from services.audit.decode import decode
from services.audit.entry import Entry, Kind
from services.audit.metrics import BATCH_SECONDS, DEAD_LETTERS, DELAY_SECONDS, RECORDS, ROWS
from services.audit.patience import Patience
from services.audit.refusal import RecordRefusedError
from services.audit.tracing import BatchSpans


class Log(Protocol):
    """Where entries are written."""

    async def write(self, entries: Sequence[Entry]) -> dict[Kind, int]:
        """All or nothing. Raises RecordRefusedError when an entry is to blame, TransientError otherwise."""


class Publisher(Protocol):
    """Where dead letters are published."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Returns when all are acknowledged. Raises TransientError when any is not."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and its position in the batch."""

    position: int
    entry: Entry


class BatchHandler:
    """Writes batches; idempotent, so that a batch may come again whole or in part."""

    def __init__(
        self,
        log: Log,
        publisher: Publisher,
        patience: Patience,
        clock: Clock,
        *,
        traced: bool = False,
    ) -> None:
        self._log = log
        self._publisher = publisher
        self._patience = patience
        self._clock = clock
        self._traced = traced

    async def handle(self, records: Sequence[Received]) -> None:
        """Raises SpentError when Postgres or Kafka stays away: then nothing may be acknowledged."""
        began = time.perf_counter()
        spans = BatchSpans(records, exported=self._traced)
        decoded = [decode(*pair) for pair in zip(records, spans.trace_ids(), strict=True)]
        placed = [Placed(n, entry) for n, entry in enumerate(decoded) if isinstance(entry, Entry)]
        refused = {n: found for n, found in enumerate(decoded) if isinstance(found, Refused)}
        refused |= await self._write(placed)
        await self._bury(records, refused, spans)
        spans.end()
        self._count(records, time.perf_counter() - began)

    async def _write(self, placed: Sequence[Placed]) -> dict[int, Refused]:
        """Write what Postgres takes; returns the rest by position, found by halving."""
        if not placed:
            return {}
        entries = [p.entry for p in placed]
        try:
            counts = await self._patience.insist("write", lambda: self._log.write(entries))
        except RecordRefusedError as error:
            if len(placed) == 1:
                return {placed[0].position: Refused(error.code, error.text)}
            middle = len(placed) // 2
            return await self._write(placed[:middle]) | await self._write(placed[middle:])
        for kind, count in counts.items():
            ROWS.labels(kind).inc(count)
        return {}

    async def _bury(self, records: Sequence[Received], refused: dict[int, Refused], spans: BatchSpans) -> None:
        now = self._clock.now()
        letters = [
            Outgoing(*bury(records[n], Refusal("audit", why.code, why.text, now))) for n, why in sorted(refused.items())
        ]
        if not letters:
            return
        await self._patience.insist("bury", lambda: self._publisher.send_all(letters))
        for position, why in refused.items():
            spans.refuse(position, why.code)
            DEAD_LETTERS.labels(why.code).inc()

    def _count(self, records: Sequence[Received], seconds: float) -> None:
        topic = records[0].topic
        delay = DELAY_SECONDS.labels(topic)
        BATCH_SECONDS.labels(topic).observe(seconds)
        RECORDS.labels(topic).inc(len(records))
        now = self._clock.now().timestamp()
        for record in records:
            delay.observe(max(0.0, now - record.timestamp_ms / 1000))
