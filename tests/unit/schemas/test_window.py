"""A window as people write it: it says something, it can open, its times and zone are what they seem."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.rule import RuleChanged
from schemas.window import Window
from tests.unit.schemas.test_rule import with_

OFFICE = {
    "days": ["mon", "tue"],
    "from": "09:00",
    "to": "17:30",
    "time_zone": "Europe/Berlin",
    "closed": ["2026-12-25"],
}


def test_its_times_are_minutes_and_its_days_are_numbers() -> None:
    window = Window.model_validate(OFFICE)
    assert (window.opens, window.closes, window.weekdays) == (540, 1050, (0, 1))
    assert window.closed == (date(2026, 12, 25),)
    assert Window.model_validate({"days": ["sun", "mon"]}).time_zone == "UTC"


def test_what_the_console_stores_can_be_read_again() -> None:
    window = Window.model_validate({"before": "2027-01-04"})
    assert Window.model_validate_json(window.model_dump_json()) == window


@pytest.mark.parametrize(
    ("day", "open_"), [("2026-12-21", True), ("2026-12-23", False), ("2027-01-04", False), ("2026-11-30", False)]
)
def test_it_includes_days_within_its_range(day: str, open_: bool) -> None:
    window = Window.model_validate({"on_or_after": "2026-12-01", "before": "2027-01-04", "days": ["mon"]})
    assert window.includes(date.fromisoformat(day)) is open_


def test_a_closed_day_is_not_included() -> None:
    window = Window.model_validate({"closed": ["2026-12-25"]})
    assert not window.includes(date(2026, 12, 25))
    assert window.includes(date(2026, 12, 26))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "at least one of on_or_after, before, days, from, to, closed"),
        ({"time_zone": "Europe/Berlin"}, "at least one of"),
        ({"days": []}, "at least 1 item"),
        ({"days": ["monday"]}, "'mon', 'tue'"),
        ({"days": ["mon", "mon"]}, "a day is given twice"),
        ({"from": "9:00"}, 'write a time as "09:00"'),
        ({"from": "24:00"}, 'midnight is "00:00"'),
        ({"to": "09:00:00"}, "write a time"),
        ({"to": "09:00\n"}, "write a time"),
        ({"to": 1050}, "valid string"),
        ({"from": "09:00", "to": "09:00"}, "cover the whole day; leave both out"),
        ({"from": "00:00"}, "cover the whole day"),
        ({"from_": "09:00"}, "Extra inputs are not permitted"),
        ({"days": ["mon"], "time_zone": "Europe/Berlinn"}, "unknown time zone; give a name of the IANA database"),
        ({"days": ["mon"], "time_zone": "Europe"}, "unknown time zone"),
        ({"days": ["mon"], "time_zone": "localtime"}, "unknown time zone"),
        ({"days": ["mon"], "time_zone": "../../etc/passwd"}, "unknown time zone"),
        ({"days": ["mon"], "time_zone": "x" * 61}, "at most 60 characters"),
        ({"before": 20261231}, "write a date as 2026-12-31"),
        ({"before": "20261231"}, "write a date as 2026-12-31"),
        ({"before": "2026-12-31T10:00"}, "write a date as 2026-12-31"),
        ({"before": "2026-02-30"}, "valid date"),
        ({"on_or_after": "2026-12-31", "before": "2026-12-31"}, "before must be later than on_or_after"),
        ({"on_or_after": "2026-12-31", "before": "2026-12-30"}, "before must be later than on_or_after"),
        ({"on_or_after": "2026-12-05", "before": "2026-12-07", "days": ["mon"]}, "no day between .* is open"),
        ({"on_or_after": "2026-12-25", "before": "2026-12-26", "closed": ["2026-12-25"]}, "no day between"),
    ],
)
def test_bad_windows_say_what_is_wrong(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Window.model_validate(written)


def test_the_longest_range_is_checked_too() -> None:
    Window.model_validate({"on_or_after": "0001-01-01", "before": "9999-12-31", "days": ["sun"]})


@pytest.mark.parametrize("written", [OFFICE, {"on_or_after": "2026-12-01"}, {"to": "06:00"}])
def test_it_travels_as_it_was_written(written: dict[str, Any]) -> None:
    action = {"id": "a", "type": "star", "window": written}
    record = RuleChanged.model_validate({"version": 1, "revision": 1, "rule": with_(actions=[action])})
    again = RuleChanged.model_validate_json(record.to_json())
    assert again == record
    assert again.rule.actions[0].model_dump(mode="json", exclude_defaults=True) == {
        "id": "a",
        "type": "star",
        "window": written,
    }
