"""A command that ended `failed`, as a dead letter from which `maildesk retry` takes it up again."""

from datetime import datetime

from schemas.dead_letter import MAX_COMMAND_BYTES, DeadLetter, FailedCommand
from schemas.topics import action_topic
from services.actions.model import Verdict
from services.actions.states import Claim, Transition

MAX_TEXT_CHARS = 300


def failed_letter(verdict: Verdict, step: Transition, now: datetime) -> DeadLetter:
    """One per command, since `failed` is final: its id is the command's."""
    row, command = verdict.row, verdict.row.command
    value = command.to_json()
    return DeadLetter(
        id=str(row.command_id),
        topic=action_topic(row.type),
        key=command.record_key,
        reference=command.event.content.uri,
        code=verdict.reason or str(verdict.event),
        text=verdict.text[:MAX_TEXT_CHARS],
        at=now,
        service="actions",
        value=value[:MAX_COMMAND_BYTES],
        cut=len(value) > MAX_COMMAND_BYTES,
        command=FailedCommand(
            command_id=row.command_id,
            event_id=row.event_id,
            message_id=command.event.message_id,
            mailbox=command.event.mailbox,
            run=command.run,
            rule=command.rule,
            action=row.key.action_id,
            type=row.type,
            attempt=verdict.attempt,
            claim_kept=step.claim is Claim.KEEP,
            generation=row.key.generation if command.chose_generation else None,
        ),
    )
