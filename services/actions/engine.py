"""From commands to effects: accept, claim, do, settle, in bounded batches."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from runtime.clock import Clock
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from services.actions.appetite import Appetite
from services.actions.claiming import Claimed, Claiming
from services.actions.counting import count
from services.actions.effects.port import Effect
from services.actions.executor import Executor
from services.actions.metrics import STALE_FENCES
from services.actions.model import ClaimKey, Job, NewCommand, Verdict
from services.actions.policy import Policy
from services.actions.port import Store
from services.actions.settling import settle

SHARED_AT_ONCE = 2
"""As many as the Odoo client has connections."""
AT_ONCE = SHARED_AT_ONCE + 1
"""Calls of `process` that may be under way together: while what one did is written down, others act."""
SETTLE_SECONDS = 0.25
"""What was done is written down after this time at the latest, or once its batch is done if that takes longer."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A command as it was read, with the headers that carry its trace."""

    command: ActionCommand
    payload: bytes
    headers: dict[str, str]


class Engine:
    """Carries out commands of one type. `published` is set when there is something for the relay."""

    def __init__(
        self, effect: Effect, policy: Policy, store: Store, executor: Executor, clock: Clock, published: asyncio.Event
    ) -> None:
        self._effect = effect
        self._policy = policy
        self._store = store
        self._executor = executor
        self._clock = clock
        self._published = published
        self._claiming = Claiming(policy, effect.record_subjects)
        self._appetite = Appetite(effect.batch, grows=effect.keyed)
        self._unsettled: list[Verdict] = []
        self._unheard: list[tuple[UUID, int]] = []
        """Leases whose commit was not answered: they may be ours, and nothing was begun under them."""

    @property
    def appetite(self) -> int:
        """How many commands a call of `process` best takes now."""
        return self._appetite.size

    def turns(self) -> asyncio.Semaphore:
        """For calls of `process` that are under way together: so many may act at a time, one on a mailbox."""
        return asyncio.Semaphore(SHARED_AT_ONCE if self._effect.shared_target is not None else 1)

    async def accept(self, arrivals: Sequence[Arrival]) -> list[UUID]:
        """Write the commands down. A repeated command id changes nothing; a forced one gets the next generation."""
        keys = [_key(arrival.command, 0) for arrival in arrivals]
        async with self._store.unit() as unit:
            highest = await unit.generations(keys)
            await unit.insert_commands(
                [self._new(arrival, highest.get(key[:3])) for arrival, key in zip(arrivals, keys, strict=True)]
            )
        return [arrival.command.command_id for arrival in arrivals]

    def _new(self, arrival: Arrival, highest: int | None) -> NewCommand:
        command = arrival.command
        generation = command.generation
        if generation is None:
            generation = 0 if highest is None else highest + (command.force or command.force_step)
        lane = "" if command.dry_run else f"{command.event.conversation}|{self._effect.target(command)}"
        return NewCommand(command, lane, generation, arrival.payload, arrival.headers)

    async def process(
        self, ids: Sequence[UUID], turns: asyncio.Semaphore | None = None, stopping: asyncio.Event | None = None
    ) -> list[UUID]:
        """Bring each command as far as it goes now; what must wait is left to the sweeper.

        Once `stopping` is set nothing more is begun; returns what was left then, free for others.

        Raises TransientError when the store is away. What was done by then is remembered: calling again writes it
        down without doing it again.
        """
        stopping = stopping or asyncio.Event()
        unsettled, self._unsettled = self._unsettled, []
        await self._settle(unsettled)
        await self._give_back()
        waiting = list(dict.fromkeys(ids))
        while waiting and not stopping.is_set():
            size, began = self._appetite.size, self._clock.monotonic()
            chunk, waiting = waiting[:size], waiting[size:]
            claimed = await self._claim(chunk)
            self._count(claimed.verdicts)
            left = await self._carry_out(claimed.jobs, turns or nullcontext(), stopping)
            brought_on = len(chunk) - len(claimed.again) - len(left)
            self._appetite.took(len(chunk), brought_on, self._clock.monotonic() - began)
            waiting = [*left, *claimed.again, *waiting]
        return waiting

    async def _claim(self, ids: Sequence[UUID]) -> Claimed:
        lease_ends = self._clock.monotonic() + self._policy.lease.total_seconds()
        claimed = Claimed()
        try:
            async with self._store.unit() as unit:
                claimed = await self._claiming.claim(unit, ids, lease_ends)
        except MaildeskError:
            self._unheard += [(job.row.command_id, job.fence) for job in claimed.jobs]
            raise
        return claimed

    async def _give_back(self) -> None:
        """Without this, a commit that lost its answer would hold its commands up until their leases run out."""
        unheard, self._unheard = self._unheard, []
        if not unheard:
            return
        try:
            async with self._store.unit() as unit:
                await unit.give_back(unheard)
        except BaseException:
            self._unheard += unheard
            raise

    async def _carry_out(
        self, jobs: Sequence[Job], turns: AbstractAsyncContextManager[Any], stopping: asyncio.Event
    ) -> list[UUID]:
        """In the effect's batches. Returns those that were given back: too little lease was left, or it is to stop."""
        left, done, since = list(jobs), list[Verdict](), self._clock.monotonic()
        try:
            while left:
                async with turns:
                    short = len(left) < len(jobs) and not self._executor.may_begin(left[0])
                    if short or stopping.is_set():
                        break
                    batch = left[: self._effect.batch]
                    del left[: self._effect.batch]
                    done += await self._executor.run(batch)
                if self._clock.monotonic() - since >= SETTLE_SECONDS:
                    settling, done, since = done, [], self._clock.monotonic()
                    await self._settle(settling)
            settling, done = done, []
            await self._settle(settling)
        finally:
            self._unsettled += done
            self._unheard += [(job.row.command_id, job.fence) for job in left]
        await self._give_back()
        return [job.row.command_id for job in left]

    async def _settle(self, verdicts: list[Verdict]) -> None:
        """Each verdict is written by one task only; those that could not be are left for the next call."""
        if not verdicts:
            return
        try:
            async with self._store.unit() as unit:
                held = await settle(unit, verdicts)
        except BaseException:
            self._unsettled += verdicts
            raise
        STALE_FENCES.labels(type=self._effect.type).inc(len(verdicts) - len(held))
        self._count(held)

    def _count(self, verdicts: Sequence[Verdict]) -> None:
        if verdicts:
            self._published.set()
            count(self._effect.type, verdicts, self._clock.now())


def _key(command: ActionCommand, generation: int) -> ClaimKey:
    return ClaimKey(command.scope_subject, command.rule.id, command.step.action.id, generation)
