"""When something may happen: recurring hours in a time zone, within a range of dates."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from schemas.base import Authored, empty

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""In the order of `date.weekday()`."""
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_OF_THE_MACHINE = {"localtime", "Factory", "posixrules"}


def _time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError('write a time as "09:00", from "00:00" to "23:59"; midnight is "00:00"')
    return text


def _date(value: Any) -> Any:
    """Pydantic would take numbers for seconds since 1970."""
    written = isinstance(value, str) and _DATE.fullmatch(value)
    if not written and type(value) is not date:
        raise ValueError("write a date as 2026-12-31")
    return value


@cache
def _time_zones() -> frozenset[str]:
    """Those that mean the same on every machine."""
    return frozenset(available_timezones() | {"UTC"}) - _OF_THE_MACHINE


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("unknown time zone; give a name of the IANA database, such as Europe/Berlin")
    return name


TimeOfDay = Annotated[str, AfterValidator(_time), Field(json_schema_extra={"pattern": f"^{_TIME.pattern}$"})]
Date = Annotated[date, BeforeValidator(_date)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


def _minutes(text: str | None) -> int:
    return int(text[:2]) * 60 + int(text[3:]) if text else 0


class Hours(Authored):
    """Recurring hours: the clock in `time_zone` shows `from` or later and is before `to`, on one of `days`.

    A `to` that is not after `from` is on the next day; those hours belong to the day on which they begin.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    days: tuple[Weekday, ...] = Field(
        default=(), min_length=1, max_length=7, exclude_if=empty, description="left out: every day"
    )
    from_: TimeOfDay | None = Field(default=None, alias="from", description="left out: 00:00")
    to: TimeOfDay | None = Field(default=None, description="the first minute after; left out: midnight")
    time_zone: TimeZone = Field(default="UTC", max_length=60, description="a name of the IANA database")
    closed: tuple[Date, ...] = Field(default=(), max_length=366, description="days that are left out, such as holidays")

    @model_validator(mode="after")
    def _hours_say_something(self) -> Self:
        if (self.from_ or self.to) and self.opens == self.closes:
            raise ValueError("from and to cover the whole day; leave both out")
        if len(set(self.days)) < len(self.days):
            raise ValueError("a day is given twice")
        return self

    @property
    def opens(self) -> int:
        """Minutes after midnight."""
        return _minutes(self.from_)

    @property
    def closes(self) -> int:
        """Minutes after midnight, of the next day when this is not more than `opens`."""
        return _minutes(self.to)

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days as numbers, Monday is 0; empty: every day."""
        return tuple(sorted(WEEKDAYS.index(day) for day in self.days))

    def includes(self, day: date) -> bool:
        """Whether hours begin on that day."""
        return (not self.days or WEEKDAYS[day.weekday()] in self.days) and day not in self.closed


class Window(Hours):
    """When an action may act. Everything that is given must hold for the moment at which the mail was received."""

    on_or_after: Date | None = Field(default=None, description="the first day")
    before: Date | None = Field(default=None, description="the day after the last one")

    @model_validator(mode="after")
    def _is_sometimes_open(self) -> Self:
        if not any((self.on_or_after, self.before, self.days, self.from_, self.to, self.closed)):
            raise ValueError("give at least one of on_or_after, before, days, from, to, closed")
        if self.on_or_after and self.before:
            if self.before <= self.on_or_after:
                raise ValueError("before must be later than on_or_after: before is the day after the last one")
            if not any(self.includes(day) for day in _days(self.on_or_after, self.before)):
                raise ValueError("no day between on_or_after and before is open")
        return self

    def includes(self, day: date) -> bool:
        """Whether hours begin on that day, which lies in the range."""
        late_enough = self.on_or_after is None or day >= self.on_or_after
        return late_enough and (self.before is None or day < self.before) and super().includes(day)


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((end - first).days))
