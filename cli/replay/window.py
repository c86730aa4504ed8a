"""How far a replay may be ahead of what became of it, so that live mail never waits behind one.

A replay's commands go through the same workers as live ones. Only so many of its mails may be on their way at a time.
"""

from collections import deque
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from cli.progress import SQL
from runtime.clock import Clock
from runtime.postgres import Database

AHEAD_SECONDS = 0.6
"""So much of its rate may be on its way: that is what a live mail may find in front of it."""
LEAST_AHEAD = 10
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 30.0
"""A mail that takes longer, since its target is away, is left behind: the others need not wait for it."""


class Settled(Protocol):
    """Knows what became of mails."""

    async def unsettled(self, events: Sequence[UUID]) -> int:
        """How many of them are not decided, or have commands that are not final."""


class LogOf:
    """The log of a run. Raises TransientError as runtime.postgres does."""

    def __init__(self, database: Database, run: str) -> None:
        self._database = database
        self._run = run

    async def unsettled(self, events: Sequence[UUID]) -> int:
        """See Settled."""
        return int(await self._database.fetchval(SQL["run_unsettled"], self._run, list(events)))


class Window:
    """The mails on their way, the oldest first. `rate`: of the replay, in mails a second."""

    def __init__(self, settled: Settled, clock: Clock, rate: float) -> None:
        self._settled = settled
        self._clock = clock
        self._ahead = max(LEAST_AHEAD, int(rate * AHEAD_SECONDS))
        self._waiting: deque[list[UUID]] = deque()

    async def add(self, events: Sequence[UUID]) -> None:
        """These are on their way now. Returns once there is room for more."""
        self._waiting.append(list(events))
        while sum(len(each) for each in self._waiting) > self._ahead:
            await self._wait_for(self._waiting.popleft())

    async def _wait_for(self, events: Sequence[UUID]) -> None:
        until = self._clock.monotonic() + PATIENCE_SECONDS
        while await self._settled.unsettled(events) and self._clock.monotonic() < until:
            await self._clock.sleep(LOOK_SECONDS)
