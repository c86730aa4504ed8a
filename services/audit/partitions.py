"""Sees that the months met in records, and those to come, have their partitions."""

import logging
from collections.abc import Iterable
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

    def __init__(self, store: Months, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: set[date] = set()
        self._not_before: dict[date, float] = {}

    async def ensure(self, months: Iterable[date]) -> None:
        """Make what is missing. A failure is logged only: the default partition takes the rows meanwhile."""
        now, elapsed = self._clock.now(), self._clock.monotonic()
        for month in sorted(set(months) - self._known):
            if not deserves_partition(month, now) or self._not_before.get(month, 0.0) > elapsed:
                continue
            try:
                made = await self._store.make_month(month)
            except MaildeskError as error:
                self._not_before[month] = elapsed + RETRY_SECONDS
                log.warning(
                    "a month has no partition yet",
                    extra={"month": f"{month:%Y-%m}", "code": error.code, "detail": error.text},
                )
            else:
                self._known.add(month)
                if made:
                    log.info("made partitions", extra={"month": f"{month:%Y-%m}", "tables": made})

    async def ahead(self, count: int) -> None:
        """Make this month's partitions and those of the `count` months that follow."""
        now = self._clock.now()
        self._known &= set(months_ahead(now, count))
        for month in months_ahead(now, count):
            await self.ensure([month])

    def forget(self) -> None:
        """Look again at every month: some were dropped."""
        self._known.clear()
