"""Records that were refused, on their way to `<topic>-dlq`."""

from datetime import datetime

from runtime.kafka import Outgoing, Received
from runtime.outcome import Refused
from schemas.dead_letter import MAX_VALUE_BYTES, DeadLetter
from schemas.envelope import encode
from schemas.topics import dead_letter_topic
from services.evaluator.carried import carried
from services.evaluator.constants import SOURCE


def dead_letter(record: Received, refused: Refused, at: datetime) -> Outgoing:
    """Its id is the record's position, so that a repeat is recognised."""
    letter = DeadLetter(
        id=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key[:1_000].decode("utf-8", "replace"),
        code=refused.code,
        text=refused.text,
        at=at,
        service="evaluator",
        value=None if record.value is None else record.value[:MAX_VALUE_BYTES],
    )
    key, value, headers = encode(letter, SOURCE, carried(record))
    return Outgoing(dead_letter_topic(record.topic), key, value, headers)
