"""Resident memory of each service, idle and under load, beside what we aim at.

Idle: ready for some seconds with nothing to do. Under load: the largest value seen while a few thousand mails run
through tag, star and (one in ten) a lead. A service's child processes count as its own.
"""

import asyncio
from contextlib import suppress

import psutil

from bench.harness import Result
from bench.platform import Desk, on_platform

SERVICES = ("ingest", "evaluator", "actions", "audit")
IDLE_AIM_MB = 120
LOAD_AIM_MB = 250
IDLE_SECONDS = 5.0
MAILS = 2_000
LEAD_EVERY = 10
LOAD_SECONDS = 240.0


def run() -> list[Result]:
    """Idle first, since load leaves its traces."""
    idle, load = on_platform(_measure)
    found = [Result(f"memory.{name}.idle", "MB", value, "aim", IDLE_AIM_MB) for name, value in idle.items()]
    return found + [Result(f"memory.{name}.load", "MB", value, "aim", LOAD_AIM_MB) for name, value in load.items()]


async def _measure(desk: Desk) -> tuple[dict[str, float], dict[str, float]]:
    await asyncio.sleep(IDLE_SECONDS)
    idle = _resident(desk)
    peak = dict(idle)

    def look() -> None:
        for name, value in _resident(desk).items():
            peak[name] = max(peak[name], value)

    for number in range(MAILS):
        desk.maildir.deliver(number, lead=number % LEAD_EVERY == 0)
    await desk.wait_logged(2 * MAILS + MAILS // LEAD_EVERY, LOAD_SECONDS, look)
    return idle, peak


def _resident(desk: Desk) -> dict[str, float]:
    """MB of each service with its own children; a service that is gone has none."""
    found = dict.fromkeys(SERVICES, 0.0)
    for child in psutil.Process(desk.pid).children():
        with suppress(psutil.NoSuchProcess):
            words = child.cmdline()
            for name in SERVICES:
                if f"services.{name}" in words:
                    family = [child, *child.children(recursive=True)]
                    found[name] = sum(float(each.memory_info().rss) for each in family) / 2**20
    return found
