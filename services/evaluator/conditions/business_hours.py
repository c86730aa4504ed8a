"""`business_hours`: whether the mail was received inside recurring hours. Clocks are those of the condition's zone."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from schemas.condition import BusinessHoursAre
from services.evaluator.conditions.check import LeafCheck
from services.evaluator.facts import Facts
from services.evaluator.local_time import DAYS, begun_on, local_time, seen_in
from services.evaluator.wording.hours import times
from services.evaluator.wording.words import Words


def compile_check(condition: BusinessHoursAre) -> LeafCheck:
    """Ready to be asked."""
    zone, wanted = ZoneInfo(condition.time_zone), condition.inside

    def holds(facts: Facts) -> bool:
        day = begun_on(condition, local_time(facts.event.received_at, zone))
        return (day is not None and condition.includes(day)) is wanted

    return LeafCheck("business_hours", _wording(condition), holds, seen_in(condition.time_zone))


def _wording(condition: BusinessHoursAre) -> str:
    return f"{'inside' if condition.inside else 'outside'} {', '.join(_parts(condition))} ({condition.time_zone})"


def _parts(condition: BusinessHoursAre) -> Iterator[str]:
    yield " and ".join(DAYS[day] for day in condition.weekdays) or "every day"
    if condition.from_ or condition.to:
        yield f"{condition.from_ or '00:00'} to {condition.to or '00:00'}"
    if condition.closed:
        yield f"closed on {' and '.join(map(str, sorted(condition.closed)))}"


def sentence(condition: BusinessHoursAre, words: Words) -> str:
    """In words."""
    if condition.inside:
        # Translators: {times} is a list such as: from Monday to Friday; from 09:00 to 17:30; time zone Europe/Berlin
        return words.gettext("the mail was received during these times: {times}", times=times(condition, words))
    return words.gettext("the mail was received outside these times: {times}", times=times(condition, words))
