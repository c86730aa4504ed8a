"""`date`: the day on which the mail was received, in a time zone."""

from zoneinfo import ZoneInfo

from schemas.condition import DateIs
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.facts import Facts
from services.evaluator.local_time import local_time, seen_in
from services.evaluator.wording.words import Words


def compile_check(condition: DateIs) -> LeafCheck:
    """Ready to be asked."""
    first, end, zone = condition.on_or_after, condition.before, ZoneInfo(condition.time_zone)

    def holds(facts: Facts) -> bool:
        day = local_time(facts.event.received_at, zone).date()
        return (first is None or day >= first) and (end is None or day < end)

    return LeafCheck("date", _wording(condition), holds, seen_in(condition.time_zone))


def _wording(condition: DateIs) -> str:
    parts = [f"on or after {condition.on_or_after}"] if condition.on_or_after else []
    parts += [f"before {condition.before}"] if condition.before else []
    return f"{' and '.join(parts)} ({condition.time_zone})"


def sentence(condition: DateIs, words: Words) -> str:
    """In words."""
    first, end, zone = condition.on_or_after, condition.before, condition.time_zone
    if first and end:
        return words.gettext(
            "the mail was received on or after {first} and before {end} (time zone {zone})",
            first=words.date(first),
            end=words.date(end),
            zone=zone,
        )
    if first:
        return words.gettext(
            "the mail was received on or after {first} (time zone {zone})", first=words.date(first), zone=zone
        )
    assert end is not None
    return words.gettext("the mail was received before {end} (time zone {zone})", end=words.date(end), zone=zone)
