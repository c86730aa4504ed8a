"""Windows on moments: days, hours past midnight, clocks that are put forward and back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.window import Window
from services.evaluator.windows import outside, window_words

WEEK = ["mon", "tue", "wed", "thu", "fri"]
OFFICE = {"days": WEEK, "from": "09:00", "to": "17:30", "time_zone": "Europe/Berlin", "closed": ["2026-12-25"]}
NIGHT = {"days": ["fri"], "from": "22:00", "to": "06:00", "closed": ["2026-12-25"], "before": "2027-01-02"}
BERLIN = {"time_zone": "Europe/Berlin"}


def shut(window: dict[str, Any], moment: str) -> bool:
    """Whether the window is shut at a moment in UTC."""
    found = outside(Window.model_validate(window), datetime.fromisoformat(moment).replace(tzinfo=UTC))
    return found is not None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-12-22T07:59:59.999999", True),
        ("2026-12-22T08:00", False),
        ("2026-12-22T16:29:59.999999", False),
        ("2026-12-22T16:30", True),
        ("2026-06-23T07:00", False),
        ("2026-06-23T15:30", True),
        ("2026-12-25T12:00", True),
        ("2026-12-26T12:00", True),
    ],
)
def test_office_hours_are_those_of_their_time_zone(moment: str, expected: bool) -> None:
    assert shut(OFFICE, moment) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-12-18T05:59", True),
        ("2026-12-18T21:59", True),
        ("2026-12-18T22:00", False),
        ("2026-12-19T05:59:59", False),
        ("2026-12-19T06:00", True),
        ("2026-12-19T22:00", True),
        ("2026-12-25T23:00", True),
        ("2026-12-26T03:00", True),
        ("2027-01-01T23:00", False),
        ("2027-01-02T03:00", False),
        ("2027-01-08T23:00", True),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_begin(moment: str, expected: bool) -> None:
    assert shut(NIGHT, moment) is expected


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        ({"from": "18:00"}, "2026-03-01T23:59", False),
        ({"from": "18:00"}, "2026-03-01T00:00", True),
        ({"to": "08:00"}, "2026-03-01T00:00", False),
        ({"to": "08:00"}, "2026-03-01T08:00", True),
        ({"from": "18:00", "to": "00:00"}, "2026-03-01T00:00", True),
        ({"from": "00:00", "to": "08:00"}, "2026-03-01T07:59", False),
        ({"on_or_after": "2026-03-01"}, "2026-02-28T23:59", True),
        ({"on_or_after": "2026-03-01", **BERLIN}, "2026-02-28T23:00", False),
        ({"before": "2026-03-01"}, "2026-02-28T23:59", False),
        ({"before": "2026-03-01", **BERLIN}, "2026-02-28T23:00", True),
        ({"closed": ["2026-03-01"], **BERLIN}, "2026-02-28T23:00", True),
        ({"days": ["sun"], "time_zone": "Asia/Kathmandu"}, "2026-02-28T18:14", True),
        ({"days": ["sun"], "time_zone": "Asia/Kathmandu"}, "2026-02-28T18:15", False),
    ],
)
def test_each_bound(window: dict[str, Any], moment: str, expected: bool) -> None:
    assert shut(window, moment) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-10-24T23:59", True),
        ("2026-10-25T00:00", False),
        ("2026-10-25T01:00", False),
        ("2026-10-25T01:59", False),
        ("2026-10-25T02:00", True),
    ],
)
def test_an_hour_that_the_clock_shows_twice_is_open_twice(moment: str, expected: bool) -> None:
    assert shut({"from": "02:00", "to": "03:00", **BERLIN}, moment) is expected


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59:59.999999"])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_the_ends_of_the_calendar_are_moments_too(moment: str, zone: str) -> None:
    assert not shut({"closed": ["2026-12-25"], "time_zone": zone}, moment)
    assert shut({"days": ["mon"], "on_or_after": "2026-01-01", "before": "2027-01-01", "time_zone": zone}, moment)
    assert not shut({"from": "12:00", "to": "11:59", "time_zone": zone}, moment)


def test_an_hour_that_the_clock_leaves_out_is_never_open() -> None:
    """On 2026-03-29 Berlin's clocks go from 02:00 to 03:00."""
    day = datetime(2026, 3, 28, 23, tzinfo=UTC)
    window = Window.model_validate({"from": "02:00", "to": "03:00", **BERLIN})
    assert all(outside(window, day + timedelta(minutes=minute)) for minute in range(23 * 60))


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_night_and_a_day_share_out_every_moment(moment: datetime) -> None:
    night = Window.model_validate({"from": "22:00", "to": "06:00", "time_zone": "America/New_York"})
    day = Window.model_validate({"from": "06:00", "to": "22:00", "time_zone": "America/New_York"})
    assert (outside(night, moment) is None) is not (outside(day, moment) is None)


def test_the_reason_names_the_moment_and_the_window() -> None:
    found = outside(Window.model_validate(OFFICE), datetime(2026, 3, 7, 9, tzinfo=UTC))
    assert found == (
        "received on Saturday, 2026-03-07 10:00; "
        "it acts only Monday to Friday, 09:00\N{EN DASH}17:30, not on 2026-12-25 (Europe/Berlin)"
    )


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (
            {"days": WEEK, "from": "09:00", "to": "17:30", **BERLIN},
            "only Monday to Friday, 09:00\N{EN DASH}17:30 (Europe/Berlin)",
        ),
        ({"days": ["sun", "sat"]}, "only Saturday and Sunday (UTC)"),
        ({"days": ["fri", "mon", "wed"]}, "only Monday, Wednesday and Friday (UTC)"),
        ({"days": ["tue"], "from": "09:00"}, "only Tuesday, 09:00\N{EN DASH}00:00 (UTC)"),
        ({"from": "22:00", "to": "06:00"}, "only 22:00\N{EN DASH}06:00 of the next day (UTC)"),
        ({"to": "06:00"}, "only 00:00\N{EN DASH}06:00 (UTC)"),
        (
            {"on_or_after": "2026-12-01", "before": "2027-01-07", **BERLIN},
            "only from 2026-12-01, before 2027-01-07 (Europe/Berlin)",
        ),
        ({"closed": ["2026-12-26", "2026-12-25"]}, "not on 2026-12-25 and 2026-12-26 (UTC)"),
        (
            {"closed": [f"2026-12-2{day}" for day in range(5)]},
            "not on 2026-12-20, 2026-12-21, 2026-12-22 and 2 more days (UTC)",
        ),
    ],
)
def test_words(window: dict[str, Any], words: str) -> None:
    assert window_words(Window.model_validate(window)) == words
