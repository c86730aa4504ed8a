"""Sees that the months met in records, and those to come, have their partitions."""

import asyncio
import logging
from collections.abc import Collection
from datetime import date
from typing import Protocol

from runtime.clock import Clock
from runtime.errors import MaildeskError
from services.audit.months import deserves_partition, months_ahead

log = logging.getLogger(__name__)
RETRY_SECONDS = 60.0


class Months(Protocol):
    """What makes a month's partitions."""

    async def make_month(self, month: date) -> list[str]:
        """Returns the tables that got one; many may call it at once. Raises MaildeskError."""


class PartitionKeeper:
    """Remembers which months are there, so that a batch of known months costs nothing."""

    def __init__(self, store: Months, clock: Clock, ahead: int) -> None:
        self._store = store
        self._clock = clock
        self._ahead = ahead
        self._known: set[date] = set()
        self._not_before: dict[date, float] = {}
        self._one_at_a_time = asyncio.Lock()

    async def ensure(self, months: Collection[date]) -> None:
        """Make what is missing. A failure is logged only: the default partition takes the rows meanwhile."""
        if not set(months) <= self._known:
            async with self._one_at_a_time:
                for month in sorted(set(months) - self._known):
                    await self._make(month)

    async def _make(self, month: date) -> None:
        elapsed = self._clock.monotonic()
        if (
            not deserves_partition(month, self._clock.now(), self._ahead)
            or self._not_before.get(month, elapsed) > elapsed
        ):
            return
        named = f"{month:%Y-%m}"
        try:
            made = await self._store.make_month(month)
        except MaildeskError as error:
            self._not_before[month] = elapsed + RETRY_SECONDS
            log.warning(
                "a month has no partition yet", extra={"month": named, "code": error.code, "detail": error.text}
            )
            return
        self._known.add(month)
        if made:
            log.info("made partitions", extra={"month": named, "tables": made})

    async def ensure_ahead(self) -> None:
        """Make this month's partitions and those of the `ahead` months that follow."""
        await self.ensure(months_ahead(self._clock.now(), self._ahead))

    def forget(self) -> None:
        """Look again at every month: some were dropped."""
        self._known.clear()
