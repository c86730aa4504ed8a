"""Comparing two rulesets on the mail that ingest has recorded, without any effect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.reporting import err
from cli.rule_diff_compare import Comparison
from cli.rule_diff_sets import Sets
from runtime.postgres import Database
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailEvent, MailSent
from services.ingest.recorded import Recorded, count_recorded, recorded

_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)


@dataclass(slots=True)
class Compared:
    """What came of it. Of the events that cannot be read, as many are named as examples are kept of a rule."""

    sets: Sets
    since: datetime
    comparison: Comparison
    unreadable: int = 0
    unreadable_examples: list[Recorded] = field(default_factory=list)


async def compare(database: Database, sets: Sets, since: datetime, examples: int) -> Compared:
    """Every recorded mail of the mailboxes concerned, the newest first. Raises TransientError when Postgres is down."""
    found = Compared(sets, since, Comparison(sets.before, sets.after, examples))
    if not sets.mailboxes:
        return found
    total = await count_recorded(database, sets.mailboxes, since)
    with _progress(total) as advance:
        async for page in recorded(database, sets.mailboxes, since):
            for each in page:
                _take(found, each, examples)
            advance(len(page))
    return found


def _take(found: Compared, each: Recorded, examples: int) -> None:
    try:
        event = _event(each)
    except ValidationError:
        found.unreadable += 1
        if len(found.unreadable_examples) < examples:
            found.unreadable_examples.append(each)
        return
    found.comparison.take(event)


def _event(each: Recorded) -> MailArrived | MailSent:
    if each.request is not None:
        return EvaluationRequested.model_validate_json(each.request).event
    return _EVENT.validate_json(each.value)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error where that is a terminal; nothing elsewhere."""
    columns = (TextColumn("comparing mails"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=total)
        yield lambda count: progress.advance(task, count)
