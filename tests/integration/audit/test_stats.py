"""The exact statistics: each command once, by its latest result."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runtime.postgres import Database, Row
from tests.integration.audit.samples import result
from tests.integration.audit.test_store import entries, store_on

NOW = datetime.now(UTC)


def ended(number: int, minutes: float, state: str = "succeeded", seconds: float = 1.5, **changes: Any) -> Any:
    """A command that ended so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    times = {"started_at": at - timedelta(seconds=seconds), "finished_at": at, "run_at": at - timedelta(seconds=9)}
    return result(number, state=state, **{**times, **changes})


async def stats(database: Database, view: str = "stats_1h_v1") -> list[Row]:
    return await database.fetch(f"SELECT * FROM audit.{view} ORDER BY mailbox, rule_id, action_type")  # noqa: S608


async def test_each_command_counts_once_by_its_latest_result(database: Database) -> None:
    store = await store_on(database)
    began = NOW - timedelta(minutes=6)
    waiting = [ended(n, 5, "retry_wait", run_at=began) for n in range(3)]
    later = [ended(0, 4, sequence=2, run_at=began), ended(1, 4, "failed", sequence=2, run_at=began)]
    for records in (waiting, later, later, waiting):
        await store.write(entries(*records, ended(7, 1, "skipped", started_at=None)))
    (row,) = await stats(database)
    counted = {name: row[name] for name in ("commands", "succeeded", "failed", "skipped", "planned", "retry_wait")}
    assert counted == {"commands": 4, "succeeded": 1, "failed": 1, "skipped": 1, "planned": 0, "retry_wait": 1}
    assert (row["mailbox"], row["rule_id"], row["action_type"]) == ("sales", "orders", "tag")
    assert row["last_finished_at"] == NOW - timedelta(minutes=1)


async def test_the_time_that_actions_take(database: Database) -> None:
    store = await store_on(database)
    seconds = [0.2] * 60 + [0.7] * 34 + [4.0] * 6
    await store.write(entries(*(ended(n, 5, seconds=each) for n, each in enumerate(seconds))))
    (row,) = await stats(database)
    assert (row["seconds_p50"], row["seconds_p95"], row["seconds_max"]) == (0.25, 4.0, 4.0)
    assert row["seconds_avg"] == pytest.approx(sum(seconds) / 100)
    assert (row["arrival_avg"], row["arrival_max"]) == (9.0, 9.0)


async def test_what_no_attempt_began_and_what_is_not_live_has_no_times(database: Database) -> None:
    store = await store_on(database)
    await store.write(entries(ended(1, 5, "skipped", started_at=None, run="replay-1")))
    (row,) = await stats(database)
    times = [value for name, value in row.items() if name.startswith(("seconds", "arrival"))]
    assert times == [None] * 6


async def test_each_window_and_each_group_by_itself(database: Database) -> None:
    store = await store_on(database)
    ages = [30, 90, 60 * 30, 60 * 24 * 20, 60 * 24 * 31]
    await store.write(entries(*(ended(n, minutes) for n, minutes in enumerate(ages)), ended(9, 1, mailbox="support")))
    found = {view: [row["commands"] for row in await stats(database, view)] for view in VIEWS}
    assert found == {"stats_1h_v1": [1, 1], "stats_1d_v1": [2, 1], "stats_30d_v1": [4, 1]}


VIEWS = ("stats_1h_v1", "stats_1d_v1", "stats_30d_v1")
