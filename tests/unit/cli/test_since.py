"""Points in time as people type them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cli.since import parse_since
from runtime.errors import InvalidInputError

NOW = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        (" 12h ", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_an_age_counts_back_from_now(text: str, age: timedelta) -> None:
    assert parse_since(text, NOW) == NOW - age


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026-05-01T08:00Z", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01T08:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01 08:00+02:00", datetime(2026, 5, 1, 8, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_a_time_is_utc_unless_it_names_its_zone(text: str, moment: datetime) -> None:
    found = parse_since(text, NOW)
    assert found == moment
    assert found.tzinfo is not None


@pytest.mark.parametrize("text", ["", "yesterday", "5", "5y", "-3d", "1234567d", "2026-13-01", "12:00"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InvalidInputError, match="30m"):
        parse_since(text, NOW)


@pytest.mark.parametrize("text", ["999999d", "999999w"])
def test_an_age_before_all_time_is_refused_too(text: str) -> None:
    with pytest.raises(InvalidInputError, match="30m"):
        parse_since(text, NOW)
