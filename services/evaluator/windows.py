"""Whether a window is open for a mail, and how the log says so. Clocks are those of the window's zone."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas.window import Window
from services.evaluator.local_time import DAYS, begun_on, local_time

EN_DASH = "\N{EN DASH}"
SHOWN_CLOSED = 3


def outside(window: Window, received_at: datetime) -> str | None:
    """Why the window is shut for what was received at that moment; None when it is open.

    Made of the moment alone, so a clock that is put forward or back shows each moment once, and a run that is made
    later gives the same answer.
    """
    local = local_time(received_at, ZoneInfo(window.time_zone))
    day = begun_on(window, local)
    if day is not None and window.includes(day):
        return None
    return f"received on {DAYS[local.weekday()]}, {local:%Y-%m-%d %H:%M}; it acts {window_words(window)}"


def window_words(window: Window) -> str:
    """Such as: only Monday to Friday, not on 2026-12-25 (Europe/Berlin). Kept in logs: never reworded or translated."""
    parts = list(_bounds(window))
    words = [f"only {', '.join(parts)}"] if parts else []
    words += [f"not on {_closed(window.closed)}"] if window.closed else []
    return f"{', '.join(words)} ({window.time_zone})"


def _bounds(window: Window) -> Iterator[str]:
    if window.on_or_after:
        yield f"from {window.on_or_after}"
    if window.before:
        yield f"before {window.before}"
    if window.days:
        yield _weekdays(window.weekdays)
    if window.from_ or window.to:
        next_day = " of the next day" if 0 < window.closes <= window.opens else ""
        yield f"{window.from_ or '00:00'}{EN_DASH}{window.to or '00:00'}{next_day}"


def _weekdays(days: Sequence[int]) -> str:
    """Days in a row are named by the first and the last."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
    return _listed([DAYS[day] for day in days])


def _closed(days: Sequence[date]) -> str:
    shown = [str(day) for day in sorted(set(days))]
    more = len(shown) - SHOWN_CLOSED
    return _listed(shown if more < 1 else [*shown[:SHOWN_CLOSED], f"{more} more day{'s' if more > 1 else ''}"])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
