"""From records to commands; what can never be carried out becomes a dead letter."""

import re
from collections.abc import Sequence

from pydantic import ValidationError

from runtime.errors import InvalidInputError
from runtime.kafka import Outgoing, Received
from schemas.command import ActionCommand
from schemas.envelope import TRACE_HEADERS
from schemas.topics import action_topic
from services.actions.dead_letters import dead_letter
from services.actions.engine import Arrival

_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")


def read_commands(records: Sequence[Received]) -> tuple[list[tuple[Received, Arrival]], list[Outgoing]]:
    """Commands with their records, and dead letters of what is none."""
    arrivals: list[tuple[Received, Arrival]] = []
    refused: list[Outgoing] = []
    for record in records:
        try:
            arrivals.append((record, _arrival(record)))
        except (ValidationError, InvalidInputError) as error:
            refused.append(dead_letter(record, error))
    return arrivals, refused


def _arrival(record: Received) -> Arrival:
    command = ActionCommand.model_validate_json(record.value or b"")
    if record.topic != action_topic(command.type):
        raise InvalidInputError(f"a {command.type} command does not belong here", code="wrong-topic")
    # Both are stored and indexed as they are; what the evaluator writes is always like this.
    for field, text in (("rule.id", command.rule.id), ("event.mailbox", command.event.mailbox)):
        if not _SLUG.fullmatch(text):
            raise InvalidInputError(f"{field} is no id", code="unreadable-record")
    return Arrival(command, record.value or b"", _trace(record))


def _trace(record: Received) -> dict[str, str]:
    """The headers that carry the trace; one that is not as W3C Trace Context has it starts a new trace."""
    found = {name: value.decode("ascii", "replace") for name, value in record.headers if name in TRACE_HEADERS}
    return {name: text for name, text in found.items() if len(text) <= 512 and _PRINTABLE.fullmatch(text)}
