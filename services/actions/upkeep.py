"""The tables' housekeeping: old outbox records, counts of replies and what was erased go, the backlog is counted."""

import logging
from datetime import timedelta

from runtime.errors import TransientError
from runtime.service import Process
from services.actions.erasing.erasures import Erasures
from services.actions.metrics import BACKLOG, OLDEST
from services.actions.replies.book import PostgresReplyBook
from services.actions.store import PostgresStore

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
OUTBOX_KEPT = timedelta(days=7)
REPLIES_KEPT = timedelta(days=30)
"""Longer than a reply may wait for its end."""


class Upkeep:
    """Runs beside the workers; a failure waits for the next turn."""

    def __init__(self, store: PostgresStore, book: PostgresReplyBook, erasures: Erasures) -> None:
        self._store = store
        self._book = book
        self._erasures = erasures

    async def run(self, process: Process) -> None:
        """Until the process stops."""
        while not await process.pause(EVERY_SECONDS):
            try:
                while await self._erasures.step():
                    pass
                await self._count()
                await self._store.purge_outbox(OUTBOX_KEPT)
                await self._book.purge(REPLIES_KEPT)
            except TransientError as error:
                log.warning("upkeep has to wait", extra={"code": error.code, "detail": error.text})

    async def _count(self) -> None:
        for state, (count, seconds) in (await self._store.waiting()).items():
            BACKLOG.labels(state=state).set(count)
            OLDEST.labels(state=state).set(seconds)
        BACKLOG.labels(state="unpublished").set(await self._store.unpublished())
