"""What the answer of an effect means for its command."""

from typing import NamedTuple

from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError
from schemas.result import Produced
from services.actions.clean import clean_text
from services.actions.effects.port import DeclinedError, UnansweredError
from services.actions.model import Job
from services.actions.policy import Policy
from services.actions.states import Event, State

Answer = Produced | MaildeskError

OUTCOME_UNKNOWN = "outcome-unknown"
LEASE_SHORT = "lease-short"
MAILBOX_UNKNOWN = "mailbox-unknown"
_OWN_WAITS = (LEASE_SHORT, MAILBOX_UNKNOWN)
"""Waits like those for a target, which are not its fault."""


class Meaning(NamedTuple):
    """The event, a stable reason, its text for people, and seconds to wait."""

    event: Event
    reason: str
    text: str
    wait: float = 0.0


def meaning_of(job: Job, answer: Answer, policy: Policy, target_wait: float) -> Meaning:
    """`target_wait`: seconds until the target may be tried again."""
    text = clean_text(answer.text)
    if isinstance(answer, Produced):
        return Meaning(Event.PLANNED if job.command.dry_run else Event.SUCCEEDED, "", text)
    if job.row.state is State.SENDING:
        return _not_found(job, answer, policy, text)
    if isinstance(answer, DeclinedError):
        return Meaning(Event.DECLINED, answer.code, text)
    if isinstance(answer, PermanentError):
        return Meaning(Event.FAILED, answer.code, text)
    delay = policy.backoff.delay(job.row.failures + 1)
    if job.stage.state is State.SENDING and isinstance(answer, OutcomeUnknownError):
        return Meaning(Event.LOOK_AGAIN, answer.code, text, delay)
    if isinstance(answer, TargetDownError):
        reason = answer.code if answer.code in _OWN_WAITS else "target-down"
        if job.started_at - job.row.accepted_at > policy.target_patience:
            return Meaning(Event.EXHAUSTED, reason, f"waited too long: {text}")
        return Meaning(Event.TARGET_DOWN, reason, text, max(delay, target_wait))
    if isinstance(answer, UnansweredError):
        delay = max(delay, policy.lease.total_seconds())
    if spent(job, answer, policy):
        return Meaning(Event.EXHAUSTED, answer.code, f"{text} (after {policy.max_attempts} attempts)")
    return Meaning(Event.TRANSIENT, answer.code, text, delay)


def _not_found(job: Job, answer: MaildeskError, policy: Policy, text: str) -> Meaning:
    """Of one that may have acted, when a look has not found it: it waits for what cannot be looked at, never acts."""
    if isinstance(answer, PermanentError):
        return Meaning(Event.UNKNOWN, OUTCOME_UNKNOWN, text)
    if job.started_at - job.row.accepted_at > policy.target_patience:
        return Meaning(Event.UNKNOWN, OUTCOME_UNKNOWN, f"waited too long to look: {text}")
    return Meaning(Event.LOOK_AGAIN, answer.code, text, policy.backoff.delay(job.row.failures + 1))


def spent(job: Job, answer: MaildeskError, policy: Policy) -> bool:
    """Whether that was the end. An unknown outcome of the last attempt is looked up once more, without acting."""
    return job.attempt > policy.max_attempts or (
        job.attempt == policy.max_attempts and not isinstance(answer, OutcomeUnknownError)
    )


def counted_attempts(job: Job, event: Event, policy: Policy) -> int:
    """Waiting for a target counts none, and neither do looks."""
    uncounted = event is Event.TARGET_DOWN or job.row.state is State.SENDING
    return min(job.attempt - uncounted, policy.max_attempts)
