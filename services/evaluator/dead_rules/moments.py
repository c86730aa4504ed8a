"""When a mail was received: days in time zones, and recurring hours."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemas.condition import BusinessHoursAre, DateIs
from schemas.window import Hours
from services.evaluator.dead_rules.formula import Literal

APART = timedelta(days=2)
"""How far the calendars of two time zones may be apart, and one day more is surely too much."""
_DAY = 24 * 60
_EVERY_DAY = frozenset(range(7))


class _Day(NamedTuple):
    """The first day, or the day before which it must be."""

    literal: Literal
    zone: str
    day: date


def clash_of_dates(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """A range that is denied has one end only: the formula has split it."""
    earliest: list[_Day] = []
    ends: list[_Day] = []
    for literal in literals:
        leaf = literal.leaf
        assert isinstance(leaf, DateIs)
        first, end = (leaf.on_or_after, leaf.before) if literal.held else (leaf.before, leaf.on_or_after)
        earliest += [_Day(literal, leaf.time_zone, first)] if first else []
        ends += [_Day(literal, leaf.time_zone, end)] if end else []
    for begin in earliest:
        for end_ in ends:
            if _none_left(begin, end_):
                return begin.literal, end_.literal
    return None


def _none_left(begin: _Day, end: _Day) -> bool:
    if begin.zone == end.zone:
        return begin.day >= end.day
    return begin.day - date.min > APART and begin.day - APART >= end.day


class _Span(NamedTuple):
    """Hours of a day, in minutes; those past midnight compare only with the same ones."""

    zone: str
    opens: int
    closes: int

    @property
    def past_midnight(self) -> bool:
        """Whether they end on the next day."""
        return self.closes <= self.opens

    def within(self, other: "_Span") -> bool:
        """Whether every moment of it is one of the other's, and belongs to the same day."""
        if self.past_midnight or other.past_midnight:
            return self == other
        return self.zone == other.zone and other.opens <= self.opens and self.closes <= other.closes

    def apart(self, other: "_Span") -> bool:
        """Whether they have no moment in common."""
        daytime = self.zone == other.zone and not self.past_midnight and not other.past_midnight
        return daytime and (self.closes <= other.opens or other.closes <= self.opens)


_Said = tuple[Literal, BusinessHoursAre, _Span]


def clash_of_hours(literals: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """Inside some hours and outside of others."""
    inside: list[_Said] = []
    outside: list[_Said] = []
    for literal in literals:
        assert isinstance(literal.leaf, BusinessHoursAre)
        (inside if literal.leaf.inside is literal.held else outside).append(
            (literal, literal.leaf, span_of(literal.leaf))
        )
    for number, (literal, _, span) in enumerate(inside):
        for other, _, before in inside[:number]:
            if span.apart(before):
                return other, literal
    spans: dict[_Span, list[tuple[Literal, BusinessHoursAre]]] = defaultdict(list)
    for literal, hours, span in inside:
        spans[span].append((literal, hours))
    for found in spans.values():
        if not _days([hours for _, hours in found]):
            return tuple(literal for literal, _ in found)
    for literal, hours, span in outside:
        nested = [(other, each) for other, each, narrow in inside if narrow.within(span)]
        if nested and _covered([each for _, each in nested], hours):
            return (*(other for other, _ in nested), literal)
    return None


def span_of(hours: Hours) -> _Span:
    """Midnight as an end is the end of the day."""
    return _Span(hours.time_zone, hours.opens, hours.closes or _DAY)


def _days(found: Sequence[Hours]) -> frozenset[int]:
    return _EVERY_DAY.intersection(*(frozenset(each.weekdays) or _EVERY_DAY for each in found))


def _covered(inside: Sequence[Hours], outside: Hours) -> bool:
    """Whether every day that all of `inside` leave is one of `outside`."""
    closed = {day for each in inside for day in each.closed}
    return _days(inside) <= _days([outside]) and closed >= set(outside.closed)
