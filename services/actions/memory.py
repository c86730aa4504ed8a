"""The fake of the storage: transactions, row locks and a clock as Postgres has them, in memory.

A unit sees its own changes at once; others see them when it ends well. Whoever wants a row that an unfinished unit
holds waits for it, or leaves it out where the real one skips locked rows.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from runtime.clock import Clock
from schemas.result import Produced
from services.actions.memory_tables import Command, Tables, by_age
from services.actions.memory_unit import MemoryUnit
from services.actions.model import ClaimKey
from services.actions.states import State
from services.actions.undone import Acted


class MemoryStore:
    """See port.Store. `clock` is the database's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.tables = Tables()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        unit = MemoryUnit(self.tables, self._clock.now())
        try:
            yield unit
            unit.commit()
        finally:
            self.tables.locks.free(unit)

    async def due(self, types: Sequence[str], limit: int, forgotten: timedelta) -> list[UUID]:
        now, select = self._clock.now(), self.tables.select
        waits = select(
            lambda row: row.new.command.type in types and row.state is State.RETRY_WAIT and row.next_try_at <= now,
            lambda row: row.next_try_at,
            limit,
        )
        left = select(
            lambda row: (
                row.new.command.type in types and row.state is State.PENDING and row.accepted_at <= now - forgotten
            ),
            lambda row: row.accepted_at,
            limit,
        )
        dead = select(
            lambda row: row.new.command.type in types and row.leased and row.lease_until <= now,
            lambda row: row.lease_until,
            limit,
        )
        return [row.new.command.command_id for row in by_age(waits + left + dead)]

    async def produced(self, subjects: Sequence[str]) -> dict[str, Produced]:
        rows = {subject: self.tables.claims.get(ClaimKey(subject, "", "", 0)) for subject in subjects}
        return {subject: row.produced for subject, row in rows.items() if row is not None and row.produced is not None}

    async def acted(self, ids: Sequence[UUID]) -> dict[UUID, Acted]:
        found: dict[UUID, Acted] = {}
        for identity in ids:
            if (row := self.tables.commands.get(identity)) is not None:
                claim = self.tables.claims.get(row.row().key)
                later = [other for other in self.tables.select_later(row) if self._stands(other)]
                found[identity] = Acted(
                    command_id=identity,
                    key=row.row().key,
                    state=row.state,
                    attempt=row.attempt,
                    command=row.new.command,
                    produced=Produced.model_validate(row.result or {}),
                    undone=claim is not None and claim.holder == identity and claim.undone,
                    later=tuple(other.new.command for other in later),
                )
        return found

    def _stands(self, row: Command) -> bool:
        """Whether it has acted, and that was not taken back."""
        claim = self.tables.claims.get(row.row().key)
        mine = claim is not None and claim.holder == row.new.command.command_id
        return claim is not None and mine and claim.succeeded and not claim.undone

    async def expire_own_leases(self, worker: str, types: Sequence[str]) -> None:
        for identity, row in self.tables.commands.items():
            if row.worker == worker and row.leased and row.new.command.type in types:
                self.tables.commands[identity] = replace(row, lease_until=self._clock.now())
