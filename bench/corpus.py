"""Events and rules as a support mailbox has them; the same in every run."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.ids import conversation_id, event_id
from schemas.mail import (
    MAX_EXCERPT_CHARS,
    Address,
    Attachment,
    ContentReference,
    MailArrived,
    Origin,
    ReplyState,
)
from schemas.mailbox import Mailbox
from schemas.rule import Rule

MAILBOX = "support"
SEED = 4711
MATCHING = 10
"""One event in so many matches a rule."""
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
_DOMAINS = tuple(f"customer-{number}.example" for number in range(200))
_TOPICS = ("Question about", "Delivery of", "Meeting on", "Documents for", "Problem with", "Re: Re: Offer for")
_TEXT = (
    "please find attached the documents that we discussed last week could you confirm the date of delivery and let us "
    "know whether the terms are still the same as in our previous agreement many thanks and kind regards"
)


def mailbox() -> Mailbox:
    """Where all events arrive."""
    return Mailbox.model_validate({"id": MAILBOX, "source": {"kind": "maildir", "path": "/mail"}})


def rules() -> list[Rule]:
    """Twenty active rules, as people write them; only the last two ever match what `events` makes."""
    return [
        Rule.model_validate({"mailbox": MAILBOX, "order": number, **raw})
        for number, raw in enumerate(_fields_of_rules())
    ]


def _fields_of_rules() -> Iterator[dict[str, Any]]:
    star: list[dict[str, Any]] = [{"id": "star", "type": "star"}]
    for number in range(6):
        domains = [f"partner-{number}-{each}.example" for each in range(5)]
        domain = {"type": "sender_domain", "equals": domains, "subdomains": number % 2 == 0}
        yield {"id": f"partner-{number}", "when": domain, "actions": star}
    for number, word in enumerate(("newsletter", "unsubscribe", "job application", "tender", "refund", "complaint")):
        subject = {"type": "subject", "contains": [word, f"{word}s"]}
        personal = {"type": "reply_state", "equals": "personal"}
        yield {"id": f"word-{number}", "when": {"all": [subject, personal]}, "actions": star}
    for number in range(4):
        person = {"type": "sender", "equals": [f"ceo@partner-{number}-{each}.example" for each in range(3)]}
        urgent = {"type": "subject", "starts": ["urgent:", "[urgent]"]}
        yield {"id": f"vip-{number}", "when": {"any": [person, urgent]}, "actions": star}
    for number in range(2):
        automatic = {"none": [{"type": "reply_state", "equals": "automatic"}]}
        order = {"type": "subject", "ends": [f"order form {number}"]}
        yield {"id": f"order-{number}", "when": {"all": [automatic, order]}, "actions": star}
    tag = [{"id": "tag", "type": "tag", "add": ["invoice"]}, *star]
    for number, word in enumerate(("invoice", "rechnung")):
        subject = {"type": "subject", "contains": [word]}
        yield {"id": f"invoice-{number}", "when": subject, "actions": tag, "stop_processing": True}


def events(count: int) -> Iterator[MailArrived]:
    """Different mails of 1.2 to 3 KB as events; one in `MATCHING` matches."""
    chance = random.Random(SEED)
    for number in range(count):
        yield _event(number, chance)


def _event(number: int, chance: random.Random) -> MailArrived:
    matches = number % MATCHING == 0
    sender = f"person{chance.randrange(5_000)}@{chance.choice(_DOMAINS)}"
    subject = f"{'Invoice for' if matches else chance.choice(_TOPICS)} {chance.randrange(10**6)}"
    message_id = f"<{number}.{chance.getrandbits(64):x}@mail.{sender.partition('@')[2]}>"
    reply = chance.random() < 0.4
    at = START + timedelta(seconds=number)
    digest = f"{chance.getrandbits(256):064x}"
    references = (f"<{chance.getrandbits(64):x}@mail.support.example>",) if reply else ()
    return MailArrived(
        event_id=event_id("incoming", MAILBOX, digest),
        mailbox=MAILBOX,
        conversation=conversation_id(MAILBOX, references[0] if references else message_id),
        message_id=message_id,
        sender=Address(name="A Person", address=sender),
        to=(Address(name="Support", address="support@company.example"),),
        subject=subject,
        date=at,
        received_at=at,
        recorded_at=at,
        in_reply_to=references,
        references=references,
        headers=_headers(sender, subject, message_id, chance),
        excerpt=" ".join(chance.choices(_TEXT.split(), k=chance.randrange(20, 300)))[:MAX_EXCERPT_CHARS],
        attachments=(Attachment(name="scan.pdf", content_type="application/pdf", size=81_234),) if matches else (),
        reply_state=ReplyState(is_reply=reply, first_contact=not reply, answered=reply),
        content=ContentReference(uri=f"INBOX/{number}", digest=digest, header_digest=digest[::-1], size=9_000),
        origin=Origin(kind="imap", folder="INBOX", uidvalidity="1", uid=str(number)),
    )


def _headers(sender: str, subject: str, message_id: str, chance: random.Random) -> tuple[tuple[str, str], ...]:
    return (
        ("Return-Path", f"<{sender}>"),
        ("Received", f"from mx.example by mail.company.example with ESMTPS id {chance.getrandbits(48):x}"),
        ("From", f"A Person <{sender}>"),
        ("To", "Support <support@company.example>"),
        ("Subject", subject),
        ("Message-ID", message_id),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/mixed; boundary="=_boundary"'),
    )
