"""10,000 `crm_lead` commands at once to an Odoo stand-in that takes 30 ms for every answer: time and memory.

Worker, claims, effect, outbox and relay are the service's own, in this process. `flood.jobs` is the largest number of
jobs that were held at once, against what the engine may hold: its batches under way and one of the sweeper. Memory is
how far the resident memory of the process grew above what it was before the first poll; the commands themselves are
made before that.
"""

import asyncio
import os
import uuid
from collections.abc import Sequence
from contextlib import suppress

import psutil

from bench.acting import acting
from bench.commands import LEAD, commands
from bench.harness import Result
from bench.servers import postgres, scratch, slow_odoo
from connectors.odoo.channel import Limits
from connectors.odoo.client import open_odoo
from connectors.odoo.port import OdooAccount
from runtime.errors import MaildeskError
from schemas.result import Produced
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.odoo_site import OdooSite
from services.actions.engine import SHARED_AT_ONCE
from services.actions.model import Job

COMMANDS = 10_000
ANSWER_SECONDS = 0.03
GROWTH_AIM_MB = 48
PER_SECOND_AIM = 200
"""What `load` gives on one connection of a real Odoo, which is far from 30 ms for 50 leads."""
LOOK_SECONDS = 0.1


def run() -> list[Result]:
    """Once: it is long enough."""
    with scratch() as home, postgres(home) as dsn, slow_odoo(home, ANSWER_SECONDS) as url:
        seconds, grown, most = asyncio.run(_measure(dsn, OdooAccount(url, "maildesk", "admin", "admin")))
    may_hold = (SHARED_AT_ONCE + 1) * CrmLead.batch
    return [
        Result("flood.seconds", "s", seconds, f"aim: {PER_SECOND_AIM} leads/s", COMMANDS / PER_SECOND_AIM),
        Result("flood.memory", "MB", grown, "aim", GROWTH_AIM_MB),
        Result("flood.jobs", "jobs", most, "batches that the engine may have under way", may_hold),
    ]


async def _measure(dsn: str, account: OdooAccount) -> tuple[float, float, int]:
    odoo = open_odoo(account, Limits())
    effect = _Counting(OdooSite(odoo, account.url, account.database))
    try:
        async with acting(dsn) as found:
            # Connections, fields and prepared statements are there then.
            await found.carry_out(effect, list(commands(uuid.uuid4(), 200, LEAD)))
            given = list(commands(uuid.uuid4(), COMMANDS, LEAD))
            memory = _Memory()
            watching = asyncio.create_task(memory.watch())
            seconds = await found.carry_out(effect, given)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    finally:
        await odoo.close()
    return seconds, memory.grown_mb, effect.most


class _Counting(CrmLead):
    """Notes how many jobs are in its hands."""

    def __init__(self, site: OdooSite) -> None:
        super().__init__(site)
        self._held = 0
        self.most = 0

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        self._held += len(jobs)
        self.most = max(self.most, self._held)
        try:
            return await super().do(jobs)
        finally:
            self._held -= len(jobs)


class _Memory:
    """Resident memory of this process."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._before = self._most = self._process.memory_info().rss

    @property
    def grown_mb(self) -> float:
        return (self._most - self._before) / 2**20

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            self._most = max(self._most, self._process.memory_info().rss)
            await asyncio.sleep(LOOK_SECONDS)
