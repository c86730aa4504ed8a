"""Mails a second of 5 KB, from raw bytes to the event model, beside what a parser alone does with them.

`parse`: read and made a `MailArrived`, against fast-mail-parser (Rust) called and nothing read from it; the aim is a
ratio of 0.4. `parse.facts`: reading alone, against the same parser when the facts are read from it, as Python objects.
`parse.bytes`: from what a source gives to the record that is published, with digests, ids and conversation, against the
parser alone. `parse.over_stdlib`: reading alone, against the standard library giving the same facts.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from importlib import import_module
from typing import Any
from uuid import UUID

from bench.harness import Result, alternating, collecting_as_a_service
from bench.letters import letters
from bench.processor import processor_rate
from connectors.mailbox.port import Fetched, Position
from schemas.mail import ContentReference, ReplyState
from services.ingest.conversations import Knowledge, Standing, place
from services.ingest.events import event_record, make_event
from services.ingest.model import Feed, Prepared
from services.ingest.parse.fast import parse_fast
from services.ingest.parse.mail import parse_mail
from services.ingest.prepare import prepare

MAILS = 400
ROUNDS = 25
STDLIB = 40
"""So many for the standard library, which takes fifty times as long."""
BATCH = 50
AIM = 0.4
UNIT = "mails/s"
FEED = Feed("support", "imap", "INBOX", "incoming")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_CONTENT = ContentReference(
    uri="imap://support/INBOX;UIDVALIDITY=1/;UID=1", digest="0" * 64, header_digest="0" * 64, size=5_000
)
_STANDING = Standing(UUID(int=1), ReplyState(is_reply=False, first_contact=True, answered=False), None)


def run() -> list[Result]:
    """All in this process, in turns; processor time, since other processes must not count."""
    raws = letters(MAILS)
    if careful := sum(parse_fast(raw) is None for raw in raws):
        raise RuntimeError(f"{careful} of {MAILS} mails were not read the fast way")
    rust = import_module("fast_mail_parser").parse_email
    measures: dict[str, Callable[[], float]] = {
        "event": partial(processor_rate, raws, _event),
        "facts": partial(processor_rate, raws, parse_mail),
        "bytes": partial(processor_rate, _batches(raws), _records, BATCH),
        "rust": partial(processor_rate, raws, rust),
        "rust_read": partial(processor_rate, raws, lambda raw: _read(rust(raw))),
        "stdlib": partial(processor_rate, raws[:STDLIB], _stdlib),
    }
    with collecting_as_a_service():
        rate = alternating(ROUNDS, measures)
    alone = "fast-mail-parser alone; the aim is 0.4 of it"
    return [
        Result("parse", UNIT, rate["event"], alone, rate["rust"]),
        Result("parse.facts", UNIT, rate["facts"], "fast-mail-parser, its facts read", rate["rust_read"]),
        Result("parse.bytes", UNIT, rate["bytes"], "fast-mail-parser alone", rate["rust"]),
        Result("parse.over_stdlib", UNIT, rate["facts"], "email, policy.default, the same facts", rate["stdlib"]),
    ]


def _event(raw: bytes) -> None:
    mail = parse_mail(raw)
    make_event(FEED, Prepared(Position("INBOX", "1", "1"), UUID(int=2), mail, _CONTENT, NOW), _STANDING, NOW)


def _batches(raws: Sequence[bytes]) -> list[list[Fetched]]:
    mails = [
        Fetched(Position("INBOX", "1", str(uid)), f"imap://support/INBOX;UIDVALIDITY=1/;UID={uid}", raw, len(raw), NOW)
        for uid, raw in enumerate(raws)
    ]
    return [mails[start : start + BATCH] for start in range(0, len(mails), BATCH)]


def _records(batch: Sequence[Fetched]) -> None:
    knowledge = Knowledge()
    for mail in prepare(FEED, batch, parse_mail):
        if not isinstance(mail, Prepared):
            raise TypeError(mail.text)
        event_record(FEED, make_event(FEED, mail, place(FEED, mail, knowledge), NOW), {})


def _read(mail: Any) -> tuple[Any, ...]:
    headers = mail.headers
    people = (mail.from_, mail.to, mail.cc, mail.reply_to)
    return (*people, mail.subject, mail.date_parsed, headers, mail.text_plain, mail.text_html, mail.attachments)


def _stdlib(raw: bytes) -> tuple[Any, ...]:
    mail = message_from_bytes(raw, policy=policy.default)
    if not isinstance(mail, EmailMessage):
        raise TypeError(type(mail).__name__)
    people = [header.addresses for name in ("from", "to", "cc", "reply-to") for header in mail.get_all(name, [])]
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if body is not None else ""
    files = [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()]
    return people, mail["subject"], mail["date"], [*mail.items()], text, files
