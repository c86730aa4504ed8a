"""The transactional outbox's second half: publish what was written down, then mark it."""

import asyncio
import logging

from runtime.errors import TransientError
from runtime.kafka import Outgoing, Producer
from runtime.service import Process
from services.actions.metrics import PUBLISHED
from services.actions.port import MAX_OUTBOX_BYTES, Store

log = logging.getLogger(__name__)
BATCH = 500
IDLE_SECONDS = 1.0


class Relay:
    """Publishes the outbox in order. A crash between publishing and marking publishes the same bytes again."""

    def __init__(self, store: Store, producer: Producer, published: asyncio.Event) -> None:
        self._store = store
        self._producer = producer
        self._published = published

    async def run(self, process: Process) -> None:
        """Until the process stops. What is left then is published at the next start."""
        failures = 0
        while not process.stopping.is_set():
            try:
                while await self.publish_batch():
                    pass
                failures = 0
            except TransientError as error:
                failures += 1
                log.warning("the relay has to wait", extra={"code": error.code, "detail": error.text, "try": failures})
                await process.pause(process.backoff.delay(failures))
            else:
                await self._wait()

    async def publish_batch(self) -> bool:
        """Publish up to 500 records with 16 MB together; True when there may be more."""
        async with self._store.unit() as unit:
            rows = await unit.take_outbox(BATCH)
            if not rows:
                return False
            await self._producer.send_all(
                [
                    Outgoing(w.topic, w.key, w.value, [(name, text.encode()) for name, text in w.headers.items()])
                    for _, w in rows
                ]
            )
            await unit.mark_outbox([number for number, _ in rows])
        PUBLISHED.inc(len(rows))
        # A record has at most 6 MB, so that of less than half nothing was cut off.
        return len(rows) == BATCH or sum(len(each.value) for _, each in rows) >= MAX_OUTBOX_BYTES // 2

    async def _wait(self) -> None:
        """Until something was settled here, or a moment has passed (others may have left something)."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._published.wait()
        except TimeoutError:
            return
        self._published.clear()
