"""What to publish so that a dead letter's record is tried again, or why nothing can be. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from cli.dlq_survey import Kept
from runtime.kafka import Outgoing
from schemas.command import ActionCommand
from schemas.dead_letter import MAX_VALUE_BYTES, DeadLetter, FailedCommand
from schemas.envelope import TRACE_HEADERS, encode
from schemas.topics import AUTOMATION_RULES, PRIMARY, action_topic

SOURCE = "/maildesk/cli"
_TOPICS = frozenset(topic.name for topic in PRIMARY)


@dataclass(frozen=True, slots=True)
class Retry:
    """A record to be published, and of a failed command which one it is now and what to expect of it."""

    record: Outgoing
    command: UUID | None = None
    run: str = ""
    note: str = ""


class NotRetried(NamedTuple):
    """A stable reason, and the same for people, with what to do instead."""

    code: str
    text: str


def retry_of(kept: Kept, now: datetime, *, force_unknown: bool = False) -> Retry | NotRetried:
    """The same record again where it could not be read, else a new command. The same one each time it is asked for."""
    letter = kept.letter
    if letter.topic == AUTOMATION_RULES.name or letter.topic not in _TOPICS:
        return NotRetried(
            "rules", "an old revision must not replace a newer one: `maildesk rules apply` publishes rules"
        )
    if letter.value is None:
        return NotRetried("nothing-kept", f"there is no record to put back: {letter.reference or 'it had no value'}")
    if letter.cut or (letter.command is None and len(letter.value) >= MAX_VALUE_BYTES):
        return NotRetried("cut", "the record was too large to be kept whole")
    trace = {name: value.decode("ascii", "replace") for name, value in kept.headers if name in TRACE_HEADERS}
    if letter.command is None:
        headers = list(letter.headers) or [(name, text.encode()) for name, text in trace.items()]
        return Retry(Outgoing(letter.topic, letter.key.encode(), letter.value, headers))
    return _of_command(letter, letter.value, letter.command, trace, now, force_unknown)


def _of_command(
    letter: DeadLetter, value: bytes, failed: FailedCommand, trace: dict[str, str], now: datetime, force: bool
) -> Retry | NotRetried:
    if failed.claim_kept and not force:
        return NotRetried(
            "outcome-unknown",
            "it may have acted, so a retry would end `skipped: duplicate`; look whether it has, "
            "and only if not: --force-unknown acts again",
        )
    try:
        command = ActionCommand.model_validate_json(value)
    except ValidationError:
        return NotRetried("unreadable-record", "this version of maildesk cannot read the command")
    if action_topic(command.type) != letter.topic or command.command_id != failed.command_id:
        return NotRetried("unreadable-record", "the letter and the command in it do not belong together")
    again = command.retried(force=failed.claim_kept, generation=failed.generation)
    return Retry(
        Outgoing(letter.topic, *encode(again, SOURCE, trace)), again.command_id, again.run, _expectation(again, now)
    )


def _expectation(command: ActionCommand, now: datetime) -> str:
    if command.expires_at is not None and command.expires_at < now:
        return f"its rule let it wait until {command.expires_at:%Y-%m-%d %H:%M} UTC: it will end `skipped: expired`"
    return "it may act a second time" if command.force_step else ""
