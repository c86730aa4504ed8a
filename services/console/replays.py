"""Replays in Postgres: asked for once, carried out by one process at a time, resumable from where they are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from runtime.postgres import Database, Row
from runtime.queries import load_queries

_SQL = load_queries("services.console")
HELD = timedelta(seconds=90)
"""Without a sign of life for so long, a process has lost a replay; another one may take it up."""
LISTED = 200
Spans = Mapping[tuple[str, int], tuple[int, int]]
"""Topic and partition → the next offset, and the one behind the last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: records published at `begins_at` or later and before `ends_at`; no mailboxes: all of them.

    `rate`: events per second, at most.
    """

    begins_at: datetime
    ends_at: datetime
    mailboxes: tuple[str, ...]
    rule: str | None
    dry_run: bool
    rate: float


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay as it stands. `total`, `read`: records looked at; `published`: those of them that were asked for.

    `refused`: records that nobody can read. `held`: a process is at it.
    """

    run: str
    wanted: Wanted
    requested_by: str
    requested_at: datetime
    state: Literal["running", "finished", "cancelled"]
    spans: Spans
    total: int
    read: int
    refused: int
    published: int
    moved_at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step adds; `spans`: where all partitions are then."""

    spans: Spans
    read: int
    refused: int
    published: int


async def begin(
    database: Database, run: str, wanted: Wanted, spans: Spans, *, requested_by: str, requested_at: datetime
) -> None:
    """Write a replay down; nobody carries it out yet."""
    span = (wanted.begins_at, wanted.ends_at, list(wanted.mailboxes), wanted.rule, wanted.dry_run, wanted.rate)
    total = sum(end - begin for begin, end in spans.values())
    await database.execute(_SQL["begin_replay"], run, *span, requested_by, requested_at, _json(spans), total)


async def find(database: Database, run: str) -> Replay | None:
    """The replay with that id."""
    row = await database.fetchrow(_SQL["replay"], run)
    return None if row is None else _replay(row)


async def recent(database: Database) -> list[Replay]:
    """The latest first."""
    return [_replay(row) for row in await database.fetch(_SQL["replays"], LISTED)]


async def cancel(database: Database, run: str) -> bool:
    """End it; what was published by then is decided all the same. False: it was not running."""
    return await database.fetchval(_SQL["cancel_replay"], run) is not None


class Hold:
    """One process's hold of a replay: only under it a replay moves."""

    def __init__(self, database: Database, run: str, holder: UUID) -> None:
        self._database = database
        self._run = run
        self._holder = holder

    async def take(self) -> Replay | None:
        """The replay, from where it is; None: it does not run, or another process is at it."""
        row = await self._database.fetchrow(_SQL["take_replay"], self._run, self._holder, HELD)
        return None if row is None else _replay({**row, "held": True})

    async def move(self, progress: Progress) -> bool:
        """What was read is published. False: it was cancelled, or is another's by now."""
        counts = (progress.read, progress.refused, progress.published)
        facts = (self._run, self._holder, _json(progress.spans), *counts, HELD)
        return await self._database.fetchval(_SQL["move_replay"], *facts) is not None

    async def keep(self) -> bool:
        """A sign of life. False: it was cancelled, or is another's by now."""
        return await self._database.fetchval(_SQL["keep_replay"], self._run, self._holder, HELD) is not None

    async def finish(self) -> None:
        """Everything is read."""
        await self._database.execute(_SQL["finish_replay"], self._run, self._holder)

    async def leave(self) -> None:
        """Another process may go on at once."""
        await self._database.execute(_SQL["leave_replay"], self._run, self._holder)


def _json(spans: Spans) -> str:
    return json.dumps([[*lane, *span] for lane, span in sorted(spans.items())])


def _replay(row: Row) -> Replay:
    wanted = Wanted(
        row["begins_at"], row["ends_at"], tuple(row["mailboxes"]), row["rule_id"], row["dry_run"], row["rate"]
    )
    return Replay(
        run=row["run"],
        wanted=wanted,
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        state=row["state"],
        spans={(topic, partition): (begin, end) for topic, partition, begin, end in json.loads(row["spans"])},
        total=row["total"],
        read=row["read"],
        refused=row["refused"],
        published=row["published"],
        moved_at=row["moved_at"],
        held=row["held"],
    )
