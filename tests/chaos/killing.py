"""When to kill what: a plan made from a seed, carried out by the progress of the work."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import psutil

from runtime.postgres import Database, connect
from tests.e2e.desk import Up

MODULES = {
    "ingest": "services.ingest",
    "evaluator": "services.evaluator",
    "actions": "services.actions",
    "audit": "services.audit",
    "odoo": "connectors.odoo.standin",
}
SEEN_BY = {"ingest": "events", "evaluator": "decisions", "actions": "rows", "audit": "rows", "odoo": "rows"}
"""Whose progress says how far a service is: killed when it has nothing left to do, it would prove nothing."""
PROGRESS = """
SELECT (SELECT count(*) FROM ingest.event) AS events,
       (SELECT count(*) FROM audit.decision) AS decisions,
       (SELECT count(*) FROM audit.execution) AS rows
"""


@dataclass(frozen=True, slots=True)
class Kill:
    """Kill `service` when the share `at` of its work is done."""

    service: str
    at: float


def plan(seed: int, kills: int) -> list[Kill]:
    """Every service equally often, at random moments."""
    random = Random(seed)
    names = list(MODULES)
    random.shuffle(names)
    return [Kill(names[number % len(names)], random.uniform(0.02, 0.9)) for number in range(kills)]


@dataclass(slots=True)
class Killer:
    """Carries out a plan on a running `up`. `totals`: how much of each there will be at the end."""

    running: Up
    dsn: str
    totals: dict[str, int]
    done: Counter[str] = field(default_factory=Counter)

    async def carry_out(self, kills: list[Kill], seconds: float) -> None:
        """Until every kill is done or `up` has ended. Fails when neither happens in time."""
        left = sorted(kills, key=lambda kill: kill.at)
        deadline = time.monotonic() + seconds
        database = await connect(self.dsn, name="killer", pool_size=1)
        try:
            while left and self.running.process.poll() is None:
                assert time.monotonic() < deadline, f"not yet done: {left}\n{self.running.desk.log_tail()}"
                progress = await self._progress(database)
                left = [kill for kill in left if not self._carried_out(kill, progress)]
                await asyncio.sleep(0.05)
        finally:
            await database.close()

    async def _progress(self, database: Database) -> dict[str, float]:
        if await database.fetchval("SELECT to_regclass('audit.execution') IS NULL"):
            return dict.fromkeys(self.totals, 0.0)
        row = await database.fetchrow(PROGRESS)
        assert row is not None
        return {name: row[name] / total for name, total in self.totals.items()}

    def _carried_out(self, kill: Kill, progress: dict[str, float]) -> bool:
        if progress[SEEN_BY[kill.service]] < kill.at:
            return False
        return kill_child(self.running, kill.service, lambda: self.done.update([kill.service]))


def kill_child(running: Up, service: str, note: Callable[[], None]) -> bool:
    """SIGKILL to a service; False while it is not there."""
    child = running.child(MODULES[service])
    if child is None:
        return False
    try:
        child.kill()
    except psutil.NoSuchProcess:
        return False
    note()
    return True
