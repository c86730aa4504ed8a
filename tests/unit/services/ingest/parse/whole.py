"""One mail through all of ingest that is computation: prepared, placed, made an event, encoded, decoded."""

import time
from datetime import UTC, datetime

from connectors.mailbox.port import Fetched, Position
from schemas.mail import MAX_EVENT_BYTES, MailArrived
from services.ingest.conversations import Knowledge, place
from services.ingest.events import event_record, make_event
from services.ingest.model import Feed, Prepared
from services.ingest.parse.mail import parse_mail
from services.ingest.prepare import prepare

FEED = Feed("support", "imap", "INBOX", "incoming")
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
SECONDS = 1.0
"""Of this thread's processor, for all of it."""


def read_whole(raw: bytes) -> MailArrived:
    """The event. Fails where a step fails, takes too long or gives what the next one cannot hold."""
    began = time.thread_time()
    place_of = Position("INBOX", "1", "1")
    fetched = Fetched(
        position=place_of, uri="imap://m/INBOX;UIDVALIDITY=1/;UID=1", raw=raw, size=len(raw), internal_date=NOW
    )
    (mail,) = prepare(FEED, [fetched], parse_mail)
    assert isinstance(mail, Prepared), mail
    event = make_event(FEED, mail, place(FEED, mail, Knowledge()), NOW)
    record = event_record(FEED, event, {})
    seconds = time.thread_time() - began
    assert record.value is not None
    assert len(record.value) <= MAX_EVENT_BYTES
    assert MailArrived.model_validate_json(record.value) == event
    assert seconds < SECONDS, f"{seconds:.2f} s"
    assert isinstance(event, MailArrived)
    return event
