"""The moment a mail was received, as the clocks and calendars of a time zone show it, and the day it belongs to."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from schemas.window import Hours
from services.evaluator.facts import Facts, Show

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


_A_DAY = timedelta(days=1)


def local_time(received_at: datetime, zone: ZoneInfo) -> datetime:
    """Made of the moment, so it is right also when clocks are put forward or back."""
    try:
        return received_at.astimezone(zone)
    except OverflowError:  # a server may claim any date; on the first and last day there may be no other time zone
        return received_at


def begun_on(hours: Hours, local: datetime) -> date | None:
    """The day on which the hours around that moment began: after midnight the day before, if there is one."""
    minute, day = local.hour * 60 + local.minute, local.date()
    if hours.opens < hours.closes:
        return day if hours.opens <= minute < hours.closes else None
    if minute >= hours.opens:
        return day
    if minute >= hours.closes:
        return None
    return day - _A_DAY if day > date.min else day


@cache
def seen_in(time_zone: str) -> Show:
    """One function for each zone, since a mail is shown once for each. As many as there are zones in rules."""
    zone = ZoneInfo(time_zone)

    def seen(facts: Facts) -> str:
        local = local_time(facts.event.received_at, zone)
        return f"received on {DAYS[local.weekday()]}, {local.isoformat(' ', 'minutes')[:16]} ({time_zone})"

    return seen
