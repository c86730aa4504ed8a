"""What becomes of a record that can never be written."""

from runtime.clock import Clock
from runtime.kafka import Outgoing, Received
from runtime.outcome import Refused
from schemas.dead_letter import MAX_VALUE_BYTES, DeadLetter
from schemas.envelope import encode
from schemas.topics import dead_letter_topic

SOURCE = "/maildesk/audit"
MAX_KEY_BYTES = 1_000
MAX_HEADER_BYTES = 1_000
_CARRIED = ("traceparent", "tracestate")


def dead_letter(record: Received, refused: Refused, clock: Clock) -> Outgoing:
    """The record's dead letter, with its raw value (cut to 512 KB), below its own trace and key."""
    letter = DeadLetter(
        id=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key[:MAX_KEY_BYTES].decode("utf-8", "replace"),
        code=refused.code,
        text=refused.text,
        at=clock.now(),
        service="audit",
        value=None if record.value is None else record.value[:MAX_VALUE_BYTES],
    )
    trace = {
        name: value.decode("ascii", "replace")
        for name, value in record.headers
        if name in _CARRIED and len(value) <= MAX_HEADER_BYTES
    }
    key, value, headers = encode(letter, SOURCE, trace)
    return Outgoing(dead_letter_topic(record.topic), key, value, headers)
