"""The moment a mail was received, as the clocks and calendars of a time zone show it."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from services.evaluator.facts import Facts, Show

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def local_time(facts: Facts, zone: ZoneInfo) -> datetime:
    """Made of the moment, so it is right also when clocks are put forward or back."""
    received = facts.event.received_at
    try:
        return received.astimezone(zone)
    except OverflowError:  # the first or last day that datetime knows
        return received


@cache
def seen_in(time_zone: str) -> Show:
    """One function for each zone, since a mail is shown once for each. As many as there are zones in rules."""
    zone = ZoneInfo(time_zone)

    def seen(facts: Facts) -> str:
        local = local_time(facts, zone)
        return f"received on {DAYS[local.weekday()]}, {local.isoformat(' ', 'minutes')[:16]} ({time_zone})"

    return seen
