from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.months import deserves_partition, month_of, months_ahead, shift

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def test_the_month_is_that_of_utc() -> None:
    assert month_of(datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == date(2025, 12, 1)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: day.replace(day=1)), st.integers(-1_200, 1_200))
def test_shifting_there_and_back(month: date, count: int) -> None:
    there = shift(month, count)
    assert (there.year - month.year) * 12 + there.month - month.month == count
    assert shift(there, -count) == month


def test_months_ahead_cross_the_year() -> None:
    assert months_ahead(NOW, 2) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("month", "deserves"),
    [
        (date(1999, 12, 1), False),
        (date(2000, 1, 1), True),
        (date(2027, 1, 1), True),
        (date(2027, 2, 1), False),
        (date(9999, 12, 1), False),
    ],
)
def test_implausible_months_get_no_partition(month: date, deserves: bool) -> None:
    assert deserves_partition(month, NOW, 2) is deserves
