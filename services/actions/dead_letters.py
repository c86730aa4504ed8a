"""A command that cannot be carried out, as a dead letter."""

from datetime import UTC, datetime

from pydantic import ValidationError

from runtime.errors import MaildeskError
from runtime.kafka import Outgoing, Received
from schemas.dead_letter import MAX_VALUE_BYTES, DeadLetter
from schemas.envelope import encode
from schemas.topics import dead_letter_topic
from services.actions.results import SOURCE


def dead_letter(record: Received, error: ValidationError | MaildeskError) -> Outgoing:
    """Everything needed to look at it and to try again; the text names fields, never their values."""
    letter = DeadLetter(
        id=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key.decode("utf-8", "replace"),
        code=error.code if isinstance(error, MaildeskError) else "unreadable-record",
        text=_text(error),
        at=datetime.fromtimestamp(record.timestamp_ms / 1000, UTC),
        service="actions",
        value=(record.value or b"")[:MAX_VALUE_BYTES],
    )
    key, value, headers = encode(letter, SOURCE)
    return Outgoing(dead_letter_topic(record.topic), key, value, headers)


def _text(error: ValidationError | MaildeskError) -> str:
    if isinstance(error, MaildeskError):
        return error.text[:300]
    return "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['type']}" for found in error.errors()[:5])
