"""Runs that somebody asks for: one rule, on the mail of its mailbox that was received in a span of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from runtime.postgres import Database
from runtime.queries import load_queries
from schemas.ids import BACKLOG
from schemas.registry import Direction
from services.ingest.backlog.runs import SETTLING

_SQL = load_queries("services.ingest.backlog")
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: mail received at `since` or later and before `until` (None: until now).

    `rate`: events per second, at most; None: as many as the process may. `changed_at`: when the rule got its revision.
    """

    mailbox: str
    rule: str
    direction: Direction
    since: datetime
    until: datetime | None
    rate: float | None
    changed_at: datetime
    by: str


async def begin(database: Database, asked: Asked, identity: UUID, now: datetime) -> str:
    """Record the run; whichever process reads the mailbox carries it out. Returns its id.

    A rule that was changed a moment ago is waited for, since some evaluator may not have it yet.
    """
    run = f"{BACKLOG}{asked.rule}-r{identity.hex[:12]}"
    settling = max(NONE, asked.changed_at + SETTLING - now)
    facts = (run, asked.mailbox, asked.rule, asked.direction, asked.since)
    await database.execute(_SQL["ask"], *facts, now, now + settling, asked.until, asked.rate, asked.by)
    return run


async def cancel(database: Database, run: str, now: datetime) -> bool:
    """End a run; what was handed over is decided all the same. False: it was not running."""
    return await database.fetchval(_SQL["cancel_run"], run, now) is not None
