"""One transaction of the fake storage: its own changes lie over the committed rows until it ends well."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from schemas.result import Produced
from services.actions.memory_tables import Command, Queued, Tables, by_age
from services.actions.model import Blocker, Change, ClaimKey, ClaimRow, CommandRow, NewCommand, Waiting
from services.actions.port import MAX_OUTBOX_BYTES
from services.actions.states import State
from services.actions.undone import Undone

K = TypeVar("K")
V = TypeVar("V")


class MemoryUnit:
    """See port.Unit."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        self.now = now
        self._tables = tables
        self._commands: dict[UUID, Command] = {}
        self._claims: dict[ClaimKey, ClaimRow | None] = {}
        self._placements: dict[UUID, str] = {}
        self._outbox: dict[int, Queued] = {}

    def commit(self) -> None:
        """Let the others see it."""
        self._tables.commands |= self._commands
        self._tables.placements |= self._placements
        self._tables.outbox |= self._outbox
        for key, row in self._claims.items():
            if row is None:
                self._tables.claims.pop(key, None)
            else:
                self._tables.claims[key] = row

    async def insert_commands(self, commands: Sequence[NewCommand]) -> None:
        for new in commands:
            identity = new.command.command_id
            await self._tables.locks.take(("command", identity), self)
            if self._command(identity) is None:
                self._commands[identity] = Command(new, next(self._tables.seq), self.now, self.now, self.now)

    async def generations(self, keys: Sequence[ClaimKey]) -> dict[tuple[str, str, str], int]:
        found: dict[tuple[str, str, str], int] = {}
        wanted = {key[:3] for key in keys}
        for key, row in self._all_claims().items():
            if key[:3] in wanted:
                found[key[:3]] = max(key.generation + row.undone, found.get(key[:3], 0))
        return found

    async def lock_claimable(self, ids: Sequence[UUID], *, early: bool = False) -> list[CommandRow]:
        found = [row for identity in dict.fromkeys(ids) if (row := self._command(identity)) is not None]
        return [
            row.row()
            for row in by_age(found)
            if row.claimable(self.now, early=early) and self._tables.locks.try_take(_lock(row), self)
        ]

    async def blockers(self, rows: Sequence[CommandRow]) -> dict[UUID, Blocker]:
        found: dict[UUID, Blocker] = {}
        everything = by_age((self._tables.commands | self._commands).values())
        for row in rows:
            for other in everything:
                earlier = other.new.lane == row.lane and other.seq < row.seq and not other.state.final
                if earlier and other.new.command.event.event_id != row.event_id:
                    found[row.command_id] = Blocker(other.new.command.command_id, other.state, other.wait_reason)
                    break
        return found

    async def take_claims(self, wanted: Sequence[tuple[ClaimKey, UUID]]) -> dict[ClaimKey, ClaimRow]:
        for key, holder in sorted(wanted, key=lambda pair: pair[0]):
            await self._tables.locks.take(("claim", key), self)
            if self._claim(key) is None:
                self._claims[key] = ClaimRow(key, holder, succeeded=False, produced=None)
        return {key: row for key, _ in wanted if (row := self._claim(key)) is not None}

    async def release_claims(self, holders: Sequence[UUID]) -> None:
        for key in [key for key, row in self._all_claims().items() if row.holder in holders and not row.succeeded]:
            await self._tables.locks.take(("claim", key), self)
            if (row := self._claim(key)) is not None and row.holder in holders and not row.succeeded:
                self._claims[key] = None

    async def keep_claims(self, kept: Sequence[tuple[ClaimKey, UUID, Produced]]) -> None:
        for key, holder, produced in sorted(kept, key=lambda each: each[0]):
            await self._tables.locks.take(("claim", key), self)
            row = self._claim(key)
            if row is not None and (row.holder == holder or (not key.rule_id and row.succeeded)):
                self._claims[key] = ClaimRow(key, holder, succeeded=True, produced=produced)

    async def undo_claims(self, undone: Sequence[Undone]) -> None:
        taken_back = {each.undone for each in undone}
        for key, row in self._all_claims().items():
            if key.rule_id and row.succeeded and row.holder in taken_back:
                await self._tables.locks.take(("claim", key), self)
                self._claims[key] = replace(row, undone=True)
        for key in sorted(key for each in undone for key in each.records):
            await self._tables.locks.take(("claim", key), self)
        for each in undone:
            for key in each.records:
                if (claim := self._claim(key)) is not None and _is_of(claim, each):
                    self._claims[key] = None

    async def placements(self, events: Sequence[UUID]) -> dict[UUID, str]:
        everything = self._tables.placements | self._placements
        return {event: everything[event] for event in events if event in everything}

    async def put_placements(self, placed: Mapping[UUID, str]) -> None:
        for event in sorted(placed):
            await self._tables.locks.take(("placement", event), self)
        self._placements |= placed

    async def take_leases(
        self, leases: Sequence[tuple[UUID, State, int]], length: timedelta, worker: str
    ) -> dict[UUID, tuple[int, datetime]]:
        taken: dict[UUID, tuple[int, datetime]] = {}
        for identity, state, attempt in leases:
            row = await self._locked(identity)
            self._commands[identity] = replace(
                row,
                state=state,
                attempt=attempt,
                fence=next(self._tables.fence),
                worker=worker,
                lease_until=self.now + length,
                wait_reason="",
                blocked_since=None,
            )
            taken[identity] = (self._commands[identity].fence, self.now)
        return taken

    async def advance(self, steps: Sequence[tuple[UUID, int, State, State]]) -> set[UUID]:
        advanced: set[UUID] = set()
        for identity, fence, before, after in steps:
            row = await self._locked(identity)
            if row.fence == fence and row.state in (before, after) and row.lease_until > self.now:
                self._commands[identity] = replace(row, state=after)
                advanced.add(identity)
        return advanced

    async def give_back(self, leases: Sequence[tuple[UUID, int]]) -> None:
        for identity, fence in leases:
            row = await self._locked(identity)
            if row.fence == fence and row.leased and row.lease_until > self.now:
                self._commands[identity] = replace(row, lease_until=self.now, attempt=row.attempt - 1)

    async def change_commands(self, changes: Sequence[Change]) -> set[UUID]:
        applied: set[UUID] = set()
        for change in changes:
            row = await self._locked(change.command_id)
            if row.fence != change.fence or not _fits(row, change):
                continue
            applied.add(change.command_id)
            self._commands[change.command_id] = replace(
                row,
                state=change.state,
                attempt=change.attempt,
                failures=change.failures,
                sequence=change.sequence,
                next_try_at=self.now + change.wait,
                lease_until=self.now + change.wait,
                wait_reason=change.wait_reason,
                blocked_since=(row.blocked_since or self.now) if change.blocked else None,
                result=row.result if change.result is None else change.result,
            )
        return applied

    async def put_outbox(self, records: Sequence[Waiting]) -> None:
        self._outbox |= {next(self._tables.outbox_id): Queued(record) for record in records}

    async def take_outbox(self, limit: int, max_bytes: int = MAX_OUTBOX_BYTES) -> list[tuple[int, Waiting]]:
        if not self._tables.locks.try_take("outbox", self):
            return []
        everything = sorted((self._tables.outbox | self._outbox).items())
        found = [(number, queued.record) for number, queued in everything if not queued.published][:limit]
        sizes = itertools.accumulate(len(record.value) for _, record in found)
        fitting = sum(size <= max_bytes for size in sizes)
        return found[: max(fitting, 1)]

    async def mark_outbox(self, ids: Sequence[int]) -> None:
        everything = self._tables.outbox | self._outbox
        self._outbox |= {number: replace(everything[number], published=True) for number in ids}

    def _command(self, identity: UUID) -> Command | None:
        return self._commands.get(identity) or self._tables.commands.get(identity)

    async def _locked(self, identity: UUID) -> Command:
        await self._tables.locks.take(("command", identity), self)
        row = self._command(identity)
        assert row is not None
        return row

    def _claim(self, key: ClaimKey) -> ClaimRow | None:
        return self._claims[key] if key in self._claims else self._tables.claims.get(key)

    def _all_claims(self) -> dict[ClaimKey, ClaimRow]:
        everything: dict[ClaimKey, ClaimRow | None] = {**self._tables.claims, **self._claims}
        return {key: row for key, row in everything.items() if row is not None}


def _is_of(claim: ClaimRow, undone: Undone) -> bool:
    """Whether the record's claim is the undo's own, or holds what was taken back."""
    made = claim.produced
    if made is None:
        return claim.holder == undone.undoing and not claim.succeeded
    return (made.model, made.res_id) == (undone.model, undone.res_id)


def _fits(row: Command, change: Change) -> bool:
    unheard = row.state is State.SENDING and change.before is State.RUNNING
    stays = row.state is change.state is State.SENDING
    return (row.state is change.before or unheard) and not (stays and row.failures >= change.failures)


def _lock(row: Command) -> tuple[str, UUID]:
    return ("command", row.new.command.command_id)
