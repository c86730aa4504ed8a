"""From the ledger to the broker: what is recorded is published, in order, and marked once it is acknowledged."""

from collections.abc import Sequence
from typing import Protocol

from runtime.clock import Clock
from runtime.kafka import Outgoing
from services.ingest.metrics import EVENTS, OLDEST_PENDING
from services.ingest.store import UNPUBLISHED_AT_ONCE, Ledger


class Producer(Protocol):
    """What is needed of runtime.kafka.Producer."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Returns when all are acknowledged. Raises TransientError when any is not."""


class Relay:
    """Publishes what a mailbox's ledger has pending, this process's or another's that died."""

    def __init__(self, ledger: Ledger, producer: Producer, clock: Clock) -> None:
        self._ledger = ledger
        self._producer = producer
        self._clock = clock
        self._pending: dict[str, int] = {}

    def pending(self, mailbox: str) -> int:
        """How many records were waiting for the broker when it was last tried."""
        return self._pending.get(mailbox, 0)

    async def publish(self, mailbox: str) -> int:
        """Publish until nothing is pending; returns how many records. Raises TransientError and leaves the rest."""
        total, pending = 0, await self._ledger.unpublished(mailbox)
        while pending:
            self._pending[mailbox] = len(pending)
            oldest = min(record.recorded_at for record in pending)
            OLDEST_PENDING.labels(mailbox).set(max(0.0, (self._clock.now() - oldest).total_seconds()))
            await self._producer.send_all([record.outgoing for record in pending])
            await self._ledger.mark_published(pending, self._clock.now())
            EVENTS.labels(mailbox).inc(sum(record.event_id is not None for record in pending))
            total += len(pending)
            # Who is the only one to record this mailbox's mail knows that fewer than the most were all.
            full = len(pending) >= UNPUBLISHED_AT_ONCE
            pending = await self._ledger.unpublished(mailbox) if full else []
        self._pending[mailbox] = 0
        OLDEST_PENDING.labels(mailbox).set(0)
        return total
