"""Which mailboxes were called, and when each is to be looked at for it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from runtime.clock import Clock

AFTER: Final = (0.0, 1.0, 3.0, 10.0)
"""Seconds after a call: Odoo 17 calls before its transaction ends, so a look at once may come too early."""


class Calls:
    """One for a process. A call holds nothing but a mailbox's id, and a hundred of them are as one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[str, list[float]] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    def call(self, mailboxes: Iterable[str]) -> None:
        """Have these looked at now, and some times more soon; those that nobody waits for here are left out."""
        now = self._clock.monotonic()
        for mailbox in mailboxes:
            if (event := self._waiting.get(mailbox)) is not None:
                self._due[mailbox] = [now + seconds for seconds in AFTER]
                event.set()

    async def within(self, mailbox: str, seconds: float) -> bool:
        """Wait for a call, or for a further look after one; False: there was none in so many seconds."""
        event = self._waiting.setdefault(mailbox, asyncio.Event())
        end = self._clock.monotonic() + seconds
        while True:
            now = self._clock.monotonic()
            due = self._due.get(mailbox, [])
            if due and due[0] <= now:
                self._due[mailbox] = [each for each in due if each > now]
                return True
            if now >= end:
                return False
            event.clear()
            await self._either(event, min(end, due[0] if due else end) - now)

    def forget(self, mailbox: str) -> None:
        """It is read here no more."""
        self._waiting.pop(mailbox, None)
        self._due.pop(mailbox, None)

    async def _either(self, event: asyncio.Event, seconds: float) -> None:
        waits = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._clock.sleep(seconds))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
