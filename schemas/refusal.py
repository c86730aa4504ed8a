"""How a record that can never be handled becomes a dead letter, the same for every service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import ValidationError

from schemas.dead_letter import MAX_VALUE_BYTES, DeadLetter
from schemas.envelope import TRACE_HEADERS, Headers, encode
from schemas.topics import dead_letter_topic

MAX_KEY_BYTES = 1_000
MAX_HEADER_BYTES = 1_000
MAX_KEPT_HEADERS = 20
NAMED_FAULTS = 5
MAX_PLACE_CHARS = 60


class Refusable(Protocol):
    """A record as it was read from Kafka."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which service refuses, why (a stable code, and a text that quotes nothing of the record), and when."""

    service: str
    code: str
    text: str
    at: datetime


def bury(record: Refusable, refusal: Refusal) -> tuple[str, bytes, bytes, Headers]:
    """Topic, key, value and headers of the record's dead letter, in the record's own trace.

    Its id is the record's position, so that a repeat is the same letter.
    """
    letter = DeadLetter(
        id=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key[:MAX_KEY_BYTES].decode("utf-8", "replace"),
        code=refusal.code,
        text=refusal.text,
        at=refusal.at,
        service=refusal.service,
        value=None if record.value is None else record.value[:MAX_VALUE_BYTES],
        headers=_kept(record.headers),
        cut=len(record.value or b"") > MAX_VALUE_BYTES,
    )
    trace = {
        name: value.decode("ascii", "replace")
        for name, value in record.headers
        if name in TRACE_HEADERS and len(value) <= MAX_HEADER_BYTES
    }
    return dead_letter_topic(record.topic), *encode(letter, f"/maildesk/{refusal.service}", trace)


def _kept(headers: tuple[tuple[str, bytes], ...]) -> tuple[tuple[str, bytes], ...]:
    """The headers that go back with the record when it is tried again."""
    fit = [(name, value) for name, value in headers if len(name) <= MAX_PLACE_CHARS and len(value) <= MAX_HEADER_BYTES]
    return tuple(fit[:MAX_KEPT_HEADERS])


def describe_faults(error: ValidationError) -> str:
    """The first few faults: where, and of which kind. Never the value itself, which may be mail."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    named = [
        f"{'.'.join(str(part)[:MAX_PLACE_CHARS] for part in fault['loc']) or 'record'}: {fault['type']}"
        for fault in found[:NAMED_FAULTS]
    ]
    more = len(found) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")
