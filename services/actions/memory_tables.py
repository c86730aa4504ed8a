"""The tables of the fake storage: committed rows, row locks, and the counters that no rollback gives back."""

import asyncio
import itertools
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from runtime.errors import TransientError
from schemas.result import Produced
from services.actions.model import ClaimKey, ClaimRow, CommandRow, NewCommand, Waiting
from services.actions.states import State


@dataclass(frozen=True, slots=True)
class Command:
    """A row of `actions.command`."""

    new: NewCommand
    seq: int
    accepted_at: datetime
    next_try_at: datetime
    lease_until: datetime
    state: State = State.PENDING
    attempt: int = 0
    failures: int = 0
    fence: int = 0
    worker: str = ""
    wait_reason: str = ""
    blocked_since: datetime | None = None
    sequence: int = 0
    result: Produced | None = None

    def claimable(self, now: datetime, *, early: bool) -> bool:
        """Whether its wait or its lease is over."""
        if self.state is State.RETRY_WAIT:
            return early or self.next_try_at <= now
        return self.state is State.PENDING or (self.leased and self.lease_until <= now)

    @property
    def leased(self) -> bool:
        """Whether somebody has it, or had it when they died."""
        return self.state in (State.RUNNING, State.SENDING)

    def row(self) -> CommandRow:
        """As a unit gives it away."""
        command = self.new.command
        return CommandRow(
            command_id=command.command_id,
            seq=self.seq,
            type=command.type,
            state=self.state,
            attempt=self.attempt,
            failures=self.failures,
            fence=self.fence,
            key=ClaimKey(command.scope_subject, command.rule.id, command.step.action.id, self.new.generation),
            event_id=command.event.event_id,
            lane=self.new.lane,
            wait_reason=self.wait_reason,
            blocked_since=self.blocked_since,
            sequence=self.sequence,
            command=command,
            headers=self.new.headers,
            accepted_at=self.accepted_at,
        )


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of `actions.outbox`."""

    record: Waiting
    published: bool = False


class Locks:
    """Who holds which row. Whoever waits longer than `patience` seconds fails as in a deadlock."""

    def __init__(self, patience: float = 2.0) -> None:
        self._patience = patience
        self._held: dict[Hashable, object] = {}
        self._freed = asyncio.Event()

    def try_take(self, row: Hashable, owner: object) -> bool:
        """Take it if it is free or one's own."""
        return self._held.setdefault(row, owner) is owner

    async def take(self, row: Hashable, owner: object) -> None:
        """Take it, waiting for whoever holds it. Raises TransientError after some seconds."""
        try:
            async with asyncio.timeout(self._patience):
                while not self.try_take(row, owner):
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError:
            raise TransientError("a deadlock", code="postgres-busy") from None

    def free(self, owner: object) -> None:
        """Let go of everything that the owner holds."""
        self._held = {row: holder for row, holder in self._held.items() if holder is not owner}
        self._freed.set()


class Tables:
    """What is committed."""

    def __init__(self) -> None:
        self.commands: dict[UUID, Command] = {}
        self.claims: dict[ClaimKey, ClaimRow] = {}
        self.placements: dict[UUID, str] = {}
        self.outbox: dict[int, Queued] = {}
        self.locks = Locks()
        self.seq = itertools.count(1)
        self.fence = itertools.count(1)
        self.outbox_id = itertools.count(1)

    def select(self, where: Callable[[Command], bool], order: Callable[[Command], Any], limit: int) -> list[Command]:
        """Committed commands."""
        return sorted(filter(where, self.commands.values()), key=order)[:limit]

    def select_later(self, than: Command) -> list[Command]:
        """Commands of other actions of the same type on the same thing that were accepted later."""
        key = than.row().key
        return [
            row
            for row in by_age(self.commands.values())
            if row.seq > than.seq and row.new.command.type == than.new.command.type
            if row.row().key.subject == key.subject and row.row().key[1:3] != key[1:3]
        ]


def by_age(rows: Iterable[Command]) -> list[Command]:
    """In the order in which they were accepted."""
    return sorted(rows, key=lambda row: row.seq)
