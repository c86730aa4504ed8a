"""A command that cannot be carried out, as a dead letter."""

from datetime import UTC, datetime

from pydantic import ValidationError

from runtime.errors import MaildeskError
from runtime.kafka import Outgoing, Received
from schemas.refusal import Refusal, bury, describe_faults


def dead_letter(record: Received, error: ValidationError | MaildeskError) -> Outgoing:
    """Everything needed to look at it and to try again. Dated by the record, so that a repeat is the same letter."""
    if isinstance(error, MaildeskError):
        code, text = error.code, error.text[:300]
    else:
        code, text = "unreadable-record", describe_faults(error)
    at = datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)
    return Outgoing(*bury(record, Refusal("actions", code, text, at)))
