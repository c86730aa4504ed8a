"""From facts and standing to the records that are published."""

from datetime import UTC, datetime
from typing import Any

from runtime.kafka import Outgoing
from schemas import envelope
from schemas.dead_letter import DeadLetter
from schemas.mail import MailArrived, MailSent, Origin
from schemas.topics import dead_letter_topic
from schemas.trusted import trusted
from services.ingest.conversations import Standing
from services.ingest.fit import fit
from services.ingest.language import language_of
from services.ingest.model import SOURCE, Feed, Prepared, Unusable
from services.ingest.own import own_recipients

Event = MailArrived | MailSent


def make_event(feed: Feed, prepared: Prepared, standing: Standing, now: datetime) -> Event:
    """The event of a mail, within its size bound. `now`: when the ledger records it."""
    mail, position = prepared.mail, prepared.position
    facts: dict[str, Any] = {
        "event_id": prepared.event_id,
        "mailbox": feed.mailbox,
        "conversation": standing.conversation,
        "message_id": mail.message_id,
        "sender": mail.sender,
        "to": mail.to,
        "cc": mail.cc,
        "reply_to": mail.reply_to,
        "subject": mail.subject,
        "date": mail.date,
        "received_at": _aware(prepared.internal_date) or now,
        "recorded_at": now,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "headers": mail.headers,
        "excerpt": mail.excerpt,
        "attachments": mail.attachments,
        "reply_state": standing.reply_state,
        "content": prepared.content,
        "origin": Origin(kind=feed.kind, folder=position.folder, uidvalidity=position.uidvalidity, uid=position.uid),
        "defects": mail.defects,
        "not_kept": mail.not_kept,
        "odoo": prepared.odoo,
        "conversation_by": standing.conversation_by,
        "own_recipients": own_recipients(mail, feed.own),
        "language": language_of(mail.excerpt),
        "direction": feed.direction,
    }
    if feed.direction == "incoming":
        return fit(trusted(MailArrived, facts))
    facts["original"] = standing.original
    return fit(trusted(MailSent, facts))


def _aware(date: datetime | None) -> datetime | None:
    return date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date


def event_record(feed: Feed, event: Event, trace: dict[str, str]) -> Outgoing:
    """The event as it is published. `trace`: the headers that continue its trace."""
    key, value, headers = envelope.encode(event, SOURCE, trace)
    return Outgoing(feed.topic.name, key, value, headers)


def dead_letter(feed: Feed, unusable: Unusable, now: datetime) -> DeadLetter:
    """The dead letter of a message; its id is the message's uri, so a repeat is the same letter."""
    return DeadLetter(
        id=f"ingest/{unusable.uri}",
        topic=feed.topic.name,
        key=feed.mailbox,
        reference=unusable.uri,
        code=unusable.code,
        text=unusable.text,
        at=now,
        service="ingest",
    )


def dead_letter_record(feed: Feed, letter: DeadLetter, trace: dict[str, str]) -> Outgoing:
    """The dead letter as it is published."""
    key, value, headers = envelope.encode(letter, SOURCE, trace)
    return Outgoing(dead_letter_topic(feed.topic.name), key, value, headers)
