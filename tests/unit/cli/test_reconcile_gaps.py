"""What is missing of a command that was announced, told from what actions and the log know."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cli.reconcile.gaps import EPOCH, Kind, kept_from, of_command

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATE = NOW - timedelta(minutes=10)
LONG_AGO = NOW - timedelta(hours=1)
JUST = NOW - timedelta(minutes=1)


def row(state: str | None, **fields: Any) -> dict[str, Any]:
    none: dict[str, Any] = dict.fromkeys(("next_try_at", "lease_until", "updated_at"))
    named = {"command_id": UUID(int=1), "event_id": UUID(int=2), "run": "live", "expected_at": LONG_AGO, "type": "tag"}
    return {**none, **named, "state": state, "wait_reason": "", **fields}


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (row(None), "not-taken-up"),
        (row("succeeded", updated_at=LONG_AGO), "not-logged"),
        (row("failed", updated_at=LONG_AGO), "not-logged"),
        (row("succeeded", updated_at=JUST), None),
        (row("pending", next_try_at=LONG_AGO), "overdue"),
        (row("retry_wait", next_try_at=LONG_AGO), "overdue"),
        (row("retry_wait", next_try_at=NOW + timedelta(hours=1)), None),
        (row("running", lease_until=LONG_AGO, next_try_at=LONG_AGO), "overdue"),
        (row("running", lease_until=NOW, next_try_at=LONG_AGO), None),
        (row("sending", lease_until=LONG_AGO), "overdue"),
    ],
)
def test_a_command_is_on_its_way_or_its_gap_has_a_name(found: dict[str, Any], kind: Kind | None) -> None:
    gap = of_command(found, "info", LATE)
    assert (gap.kind if gap else None) == kind
    assert gap is None or (gap.command, gap.event) == (UUID(int=1), UUID(int=2))
    assert gap is None or gap.remedy


@pytest.mark.parametrize(
    ("run", "says"),
    [("live", "--mend"), ("facts-2", "--mend"), ("backlog-r-r1", "begin anew what was run backlog-r-r1")],
)
def test_the_remedy_fits_the_run(run: str, says: str) -> None:
    gap = of_command(row(None, run=run), "info", LATE)
    assert gap is not None
    assert says in gap.remedy


def test_what_the_log_may_have_dropped_is_not_asked_for() -> None:
    assert kept_from(NOW, 0) == EPOCH
    assert NOW - timedelta(days=62) < kept_from(NOW, 2) < NOW - timedelta(days=55)
