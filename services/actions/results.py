"""What a command publishes: its result, the next step of its routing slip, and a dead letter when it failed."""

from datetime import datetime
from typing import cast
from uuid import UUID

from schemas.command import ActionCommand, Step
from schemas.envelope import encode
from schemas.ids import result_id
from schemas.mail import Published
from schemas.result import ExecutionResult
from schemas.result import State as ResultState
from schemas.topics import AUTOMATION_RESULTS, action_topic, dead_letter_topic
from services.actions.failed_letters import failed_letter
from services.actions.model import Verdict, Waiting
from services.actions.states import Event, Slip, State, Transition

SOURCE = "/maildesk/actions"


def next_command(verdict: Verdict, step: Transition) -> ActionCommand | None:
    """The command that follows. After a failure with `on_error: stop` the rest is passed on as skipped."""
    if step.slip is Slip.HOLD:
        return None
    following = verdict.row.command.following()
    if following is not None and verdict.event is Event.CLAIM_DONE and verdict.row.command.generation is not None:
        # Who did meanwhile what this retry is about went on with its own slip.
        following = following.model_copy(update={"force": False})
    if following is None or step.slip is Slip.NEXT or verdict.row.command.on_error == "continue":
        return following
    reason = f"stopped: action {verdict.row.key.action_id} failed"
    return following.model_copy(
        update={
            "step": _skipped(following.step, reason),
            "slip": tuple(_skipped(later, reason) for later in following.slip),
        }
    )


def _skipped(step: Step, reason: str) -> Step:
    return step if step.skip else step.model_copy(update={"skip": reason})


def result_of(verdict: Verdict, state: State, now: datetime, following: UUID | None) -> ExecutionResult:
    """The record for `automation-results`."""
    row, command = verdict.row, verdict.row.command
    sequence = row.sequence + 1
    found_at = verdict.produced.uri if command.mail is command.event else ""
    return ExecutionResult(
        result_id=result_id(row.command_id, sequence),
        command_id=row.command_id,
        sequence=sequence,
        decision_id=command.decision_id,
        event_id=row.event_id,
        run=command.run,
        run_at=command.run_at,
        rule=command.rule,
        trigger=command.trigger,
        action=row.key.action_id,
        type=row.type,
        mailbox=command.event.mailbox,
        conversation=command.event.conversation,
        message_id=command.event.message_id,
        content_uri=found_at or command.event.content.uri,
        state=_public(state),
        reason=verdict.reason,
        text=verdict.text,
        attempt=verdict.attempt,
        idempotency_key=str(row.key),
        scope=str(command.step.action.scope),
        generation=row.key.generation,
        dry_run=command.dry_run,
        started_at=verdict.started_at,
        finished_at=now,
        produced=verdict.produced,
        next_command=following,
        undoes=command.undoes,
    )


def _public(state: State) -> ResultState:
    """For people, one that may have acted and is looked at again waits like any other."""
    return "retry_wait" if state is State.SENDING else cast("ResultState", str(state))


def queued(record: Published, verdict: Verdict, topic: str) -> Waiting:
    """A record as the outbox keeps it."""
    key, value, headers = encode(record, SOURCE, verdict.trace or verdict.row.headers)
    return Waiting(topic, key, value, {name: text.decode() for name, text in headers}, verdict.row.command_id)


def publications(verdict: Verdict, step: Transition, now: datetime) -> list[Waiting]:
    """Everything that a verdict publishes, in order: the result, the next command, the dead letter."""
    following = next_command(verdict, step)
    result = result_of(verdict, step.state, now, following.command_id if following else None)
    records = [queued(result, verdict, AUTOMATION_RESULTS.name)]
    if following is not None:
        records.append(queued(following, verdict, action_topic(following.type)))
    if step.state is State.FAILED:
        letter = failed_letter(verdict, step, now)
        records.append(queued(letter, verdict, dead_letter_topic(letter.topic)))
    return records
