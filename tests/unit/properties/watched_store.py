"""The fake storage with points around its transactions, and failures of the database at them."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID

from runtime.clock import Clock
from runtime.errors import TargetDownError
from services.actions.memory import MemoryStore
from services.actions.memory_tables import Locks
from services.actions.memory_unit import MemoryUnit
from tests.unit.properties.scheduler import Scheduler

Failure = Literal["before commit", "after commit"]


class WatchedStore(MemoryStore):
    """Remembers when a command was accepted and when its claim began, in ticks of its own."""

    def __init__(self, clock: Clock, scheduler: Scheduler) -> None:
        super().__init__(clock)
        self.tables.locks = Locks(patience=600)
        self.failures: list[Failure] = []
        self.accepted_at: dict[UUID, int] = {}
        self.claimed_at: dict[UUID, int] = {}
        self._scheduler = scheduler
        self._ticks = itertools.count()
        self._fences: dict[UUID, int] = {}

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        await self._scheduler.point("before a transaction")
        began = next(self._ticks)
        async with super().unit() as unit:
            yield unit
            await self._scheduler.point("before a commit")
            self._fail("before commit")
        self._note(began)
        await self._scheduler.point("after a commit")
        self._fail("after commit")

    def _fail(self, when: Failure) -> None:
        if self.failures and self.failures[0] == when:
            self.failures.pop(0)
            raise TargetDownError("Postgres is away", code="postgres-down")

    def _note(self, began: int) -> None:
        now = next(self._ticks)
        for identity, row in self.tables.commands.items():
            self.accepted_at.setdefault(identity, now)
            if row.leased and self._fences.get(identity) != row.fence:
                self._fences[identity] = row.fence
                self.claimed_at[identity] = began
