"""One evaluation to be made: which event, in which run, for which rules, with what right to act."""

from datetime import datetime
from typing import NamedTuple

from schemas.evaluation import EvaluationRequested
from schemas.facts import FactSubject
from schemas.ids import LIVE
from schemas.mail import MailArrived, MailSent
from schemas.rule import Trigger

Subject = MailArrived | MailSent | EvaluationRequested


class Attempt(NamedTuple):
    """`rule` None: all active rules of the trigger; else only that one, whatever its trigger, even disabled.

    `backlog`: that one only where it is active for the trigger. `deferred`: only from the rule on that could not be
    decided without these facts.
    """

    event: MailArrived | MailSent
    run: str
    run_at: datetime
    trigger: Trigger
    rule: str | None = None
    dry_run: bool = False
    force: bool = False
    backlog: bool = False
    deferred: tuple[FactSubject, ...] = ()


def attempt_of(subject: Subject) -> Attempt:
    """A mail as it arrives is tried live; a request says itself in which run. Its time is never the wall clock's."""
    if not isinstance(subject, EvaluationRequested):
        return Attempt(subject, LIVE, subject.recorded_at, _trigger(subject))
    return Attempt(
        event=subject.event,
        run=subject.run,
        run_at=subject.requested_at,
        trigger="manual" if subject.rule and not subject.backlog else _trigger(subject.event),
        rule=subject.rule,
        dry_run=subject.dry_run,
        force=subject.force,
        backlog=subject.backlog,
        deferred=subject.deferred,
    )


def _trigger(event: MailArrived | MailSent) -> Trigger:
    return "incoming" if event.direction == "incoming" else "after_send"
