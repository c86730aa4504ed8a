"""Days, hours and dates in words, for windows and business hours: clauses that stand side by side."""

from collections.abc import Iterator, Sequence
from datetime import date

from schemas.window import Hours, Window
from services.evaluator.wording.words import Words

SHOWN_CLOSED = 3


def window_sentence(window: Window, words: Words) -> str:
    """When an action acts."""
    clauses = words.side_by_side([*_range(window, words), *_hours(window, words)])
    # Translators: {times} is a list such as: from Monday to Friday; from 09:00 to 17:30; time zone Europe/Berlin
    return words.gettext("Only for mail that was received at these times: {times}.", times=clauses)


def times(hours: Hours, words: Words) -> str:
    """Recurring hours as one list of clauses."""
    return words.side_by_side([*_hours(hours, words)])


def _range(window: Window, words: Words) -> Iterator[str]:
    first, end = window.on_or_after, window.before
    if first and end:
        yield words.gettext("on or after {first} and before {end}", first=words.date(first), end=words.date(end))
    elif first:
        yield words.gettext("on or after {first}", first=words.date(first))
    elif end:
        yield words.gettext("before {end}", end=words.date(end))


def _hours(hours: Hours, words: Words) -> Iterator[str]:
    yield _days(hours.weekdays, words)
    if hours.from_ or hours.to:
        yield _clock(hours, words)
    if hours.closed:
        yield words.gettext("not on {dates}", dates=_closed(hours.closed, words))
    yield words.gettext("time zone {zone}", zone=hours.time_zone)


def _days(days: Sequence[int], words: Words) -> str:
    """Days in a row are named by the first and the last."""
    if not days:
        return words.gettext("every day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return words.gettext("from {first} to {last}", first=words.weekday(days[0]), last=words.weekday(days[-1]))
    # Translators: {days} is a list of weekdays in their basic form, such as: Monday, Wednesday and Friday
    return words.gettext("on {days}", days=words.listed([words.weekday(day) for day in days]))


def _clock(hours: Hours, words: Words) -> str:
    begin, end = words.time(hours.from_ or "00:00"), words.time(hours.to or "00:00")
    if hours.closes == 0:
        return words.gettext("from {begin} to midnight", begin=begin)
    if hours.closes <= hours.opens:
        return words.gettext("from {begin} to {end} of the next day", begin=begin, end=end)
    # Translators: {begin} and {end} are times, such as 09:00
    return words.gettext("from {begin} to {end}", begin=begin, end=end)


def _closed(days: Sequence[date], words: Words) -> str:
    dates = sorted(set(days))
    shown = [words.date(day) for day in dates]
    more = len(shown) - SHOWN_CLOSED
    if more > 0:
        # Translators: the last one of a list of dates
        shown[SHOWN_CLOSED:] = [words.ngettext("{number} more day", "{number} more days", more)]
    return words.listed(shown)
