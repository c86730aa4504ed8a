"""Which records of the mail topics a replay takes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from runtime.kafka import Received
from schemas.envelope import header
from schemas.mail import MailArrived, MailEvent, MailSent
from services.console.replays import Wanted

_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)


@dataclass(slots=True)
class Slice:
    """Records that are done with together. `refused`: those among them that nobody can read. `follows`: the
    `traceparent` of each event.
    """

    records: list[Received] = field(default_factory=list)
    events: list[MailArrived | MailSent] = field(default_factory=list)
    refused: int = 0
    follows: dict[UUID, str] = field(default_factory=dict)


def slices(records: Sequence[Received], wanted: Wanted, at_once: int) -> Iterator[Slice]:
    """All of the records, in order; in each slice at most `at_once` events."""
    found = Slice()
    for record in records:
        found.records.append(record)
        if not _asked_for(record, wanted):
            continue
        try:
            event = _EVENT.validate_json(record.value or b"")
        except ValidationError:
            found.refused += 1
            continue
        found.events.append(event)
        found.follows[event.event_id] = header(record.headers, "traceparent")
        if len(found.events) >= at_once:
            yield found
            found = Slice()
    if found.records:
        yield found


def _asked_for(record: Received, wanted: Wanted) -> bool:
    """By its time and its key (`mailbox/conversation`): most records need not be decoded."""
    begins, ends = (moment.timestamp() * 1000 for moment in (wanted.begins_at, wanted.ends_at))
    if not begins <= record.timestamp_ms < ends:
        return False
    mailbox = record.key.decode("utf-8", "replace").partition("/")[0]
    return not wanted.mailboxes or mailbox in wanted.mailboxes
