"""Commands that a worker has written down and not tried yet, and up to where its offsets may move."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from runtime.kafka import Mark
from schemas.command import ActionCommand


@dataclass(slots=True)
class _Poll:
    """What was read together: how many of it are not done, and how far the consumer was then."""

    left: int
    mark: Mark


class Held(NamedTuple):
    """A command, alive as long as it is in hand: what was read once need not be read and parsed again."""

    command: ActionCommand
    poll: _Poll

    @property
    def conversation(self) -> UUID:
        return self.command.event.conversation


class InHand:
    """First in, first out, but of a conversation that somebody is at nothing more is given meanwhile.

    Its commands would only get in each other's way.
    """

    def __init__(self) -> None:
        self._waiting: deque[Held] = deque()
        self._polls: deque[_Poll] = deque()
        self._taken: set[UUID] = set()
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def held(self) -> int:
        """How many are not done."""
        return sum(poll.left for poll in self._polls)

    def add(self, commands: Sequence[ActionCommand], mark: Mark) -> None:
        """What was read up to that mark."""
        poll = _Poll(len(commands), mark)
        self._polls.append(poll)
        self._waiting.extend(Held(each, poll) for each in commands)
        self._changed.set()

    async def take(self, most: int) -> list[Held]:
        """Wait for some that may be carried out; none once it is closed."""
        while not self._closed:
            if taken := self._free(most):
                return taken
            self._changed.clear()
            await self._changed.wait()
        return []

    def done(self, several: Sequence[Held]) -> None:
        """They were tried."""
        for each in several:
            each.poll.left -= 1
        self._taken -= {each.conversation for each in several}
        self._changed.set()

    def upto(self) -> Mark | None:
        """Up to where all is done, when that has changed."""
        mark: Mark | None = None
        while self._polls and not self._polls[0].left:
            mark = self._polls.popleft().mark
        return mark

    def close(self) -> None:
        """Nothing more is given."""
        self._closed = True
        self._changed.set()

    def _free(self, most: int) -> list[Held]:
        given: list[Held] = []
        kept: list[Held] = []
        while self._waiting and len(given) < most:
            held = self._waiting.popleft()
            (kept if held.conversation in self._taken else given).append(held)
        self._waiting.extendleft(reversed(kept))
        self._taken |= {held.conversation for held in given}
        return given
