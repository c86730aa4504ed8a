"""Runs checks beside each other, a bounded number at once, each within its time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from cli.doctor.finding import Finding, found_error
from cli.doctor.house import House
from runtime.errors import MaildeskError

AT_ONCE = 16
LONGER = 6.0
"""How many single answers a whole check may wait for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look. `part`: what `--offline` leaves out. It returns what it found, and raises nothing of its own."""

    part: str
    place: str
    look: Callable[[House], Awaitable[list[Finding]]]


async def run_checks(house: House, checks: Sequence[Check]) -> list[Finding]:
    """Everything that was found, in the order of the checks. One that takes too long is a finding itself."""
    slots = asyncio.Semaphore(AT_ONCE)
    longest = house.seconds * LONGER

    async def one(check: Check) -> list[Finding]:
        async with slots:
            try:
                async with asyncio.timeout(longest):
                    return await check.look(house)
            except TimeoutError:
                text = f"this look was given up after {longest:.0f} s"
                return [Finding("check-timed-out", check.place, text, "look whether it answers at all, then try again")]
            except MaildeskError as error:
                return [found_error(error, check.place)]

    return [found for each in await asyncio.gather(*map(one, checks)) for found in each]
