"""Mail that lies in Odoo, from its record to the facts of the event."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox.hosted import File, Hosted
from connectors.mailbox.odoo_letter import as_mail
from connectors.mailbox.odoo_reading import Letter, Person
from connectors.mailbox.port import Fetched, Position
from schemas.mail import Address, Attachment
from services.ingest.conversations import Knowledge, place
from services.ingest.events import make_event
from services.ingest.model import Feed, Prepared
from services.ingest.parse.mail import ParsedMail, parse_mail
from services.ingest.prepare import prepare

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INBOX = Feed("sales", "odoo", "INBOX", "incoming")
SENT = Feed("sales", "odoo", "Sent", "outgoing")
NAMES = {
    "message-id", "date", "from", "to", "cc", "reply-to", "subject", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
ROW: dict[str, Any] = {
    "id": 12, "message_id": "<a@buyer.example>", "subject": "Offer", "email_from": "Ann <ann@buyer.example>",
    "author_id": False, "date": "2026-03-01 11:59:00", "create_date": "2026-03-01 12:00:00", "body": "<p>Hello</p>",
    "model": "crm.lead", "res_id": 7, "reply_to": "catchall@company.example",
}  # fmt: skip


def parsed(letter: Letter, *, sent: bool = False) -> ParsedMail:
    return parse_mail(as_mail(letter, sent=sent))


def hosted(number: int = 12, thread: str = "odoo:desk:crm.lead:7", **more: Any) -> Hosted:
    return Hosted(f"odoo://desk/mail.message/{number}", number, thread, **more)


def prepared(about: Hosted, feed: Feed = INBOX, **row: Any) -> Prepared:
    raw = as_mail(Letter({**ROW, "id": about.record, **row}), sent=feed is SENT)
    message = Fetched(Position(feed.folder, "desk", "12"), about.identity, raw, len(raw), NOW, hosted=about)
    (ready,) = prepare(feed, [message], parse_mail)
    assert isinstance(ready, Prepared)
    return ready


def test_a_record_reads_as_the_mail_that_it_was() -> None:
    people = (
        Person("Büro, Süd", "office@company.example", outside=False),
        Person('A "B"', "b@x.example", outside=True),
    )
    mail = parsed(Letter({**ROW, "subject": "Größe\r\nBcc: x@y.example"}, to=people, root="<r@x>"))
    assert mail.message_id == "<a@buyer.example>"
    assert mail.sender == Address(name="Ann", address="ann@buyer.example")
    assert mail.to == (
        Address(name="Büro, Süd", address="office@company.example"),
        Address(name='A "B"', address="b@x.example"),
    )
    assert mail.subject == "Größe Bcc: x@y.example"
    assert mail.date == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    assert (mail.references, mail.in_reply_to) == (("<r@x>",), ("<r@x>",))
    assert mail.excerpt == "Hello"
    assert mail.reply_to == (), "Odoo's own address for answers is not what the sender asked for"
    assert mail.defects == ()


def test_a_sent_one_answers_the_last_mail_that_came_in() -> None:
    mail = parsed(Letter(ROW, root="<r@x>", answered="<last@x>"), sent=True)
    assert (mail.references, mail.in_reply_to) == (("<r@x>", "<last@x>"), ("<last@x>",))
    assert [each.address for each in mail.reply_to] == ["catchall@company.example"]


def test_odoo_19_keeps_to_and_cc() -> None:
    row = {**ROW, "incoming_email_to": "Info <info@company.example>, b@x.example", "incoming_email_cc": "c@x.example"}
    letter = Letter(row, to=(Person("Somebody", "else@x.example", outside=True),))
    mail = parsed(letter)
    assert [each.address for each in mail.to] == ["info@company.example", "b@x.example"]
    assert [each.address for each in mail.cc] == ["c@x.example"]
    assert (letter.to_known, Letter(ROW).to_known) == (True, False)


def test_without_an_address_the_author_is_the_sender() -> None:
    row = {**ROW, "email_from": False}
    author = Person("Ann", "ann@buyer.example", outside=True)
    assert parsed(Letter(row, author)).sender == Address(name="Ann", address="ann@buyer.example")
    assert parsed(Letter(row)).sender is None


TEXTS = st.text(st.characters(), max_size=80) | st.sampled_from(
    ["a\r\nX-Evil: 1", "=?utf-8?q?=0D=0AX-Evil:_1?=", "(" * 300, '"', "<>", "a@b, ,,c", "\udc80", "\u2028x: y", "\0"]
)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS, TEXTS, TEXTS, st.text(max_size=200))
def test_no_field_can_make_another_header(subject: str, sender: str, ident: str, name: str, body: str) -> None:
    row = {**ROW, "subject": subject, "email_from": sender, "message_id": ident, "body": body, "reply_to": name}
    raw = as_mail(Letter(row, to=(Person(name, sender, outside=True),), root=ident, answered=name), sent=True)
    head, _, _ = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert {line.partition(b":")[0].decode().lower() for line in lines} <= NAMES
    assert {header.lower() for header, _ in parse_mail(raw).headers} <= NAMES


def test_what_is_known_besides_the_bytes_is_in_the_event() -> None:
    about = hosted(files=(File("a\0b.pdf", "application/pdf", 1_000),), not_kept=("headers", "recipients"))
    ready = prepared(about)
    event = make_event(INBOX, ready, place(INBOX, ready, Knowledge()), NOW)
    assert event.attachments == (Attachment(name="a\ufffdb.pdf", content_type="application/pdf", size=1_000),)
    assert event.not_kept == ("headers", "recipients")
    assert (event.hosted, event.origin.kind, event.content.uri) == (12, "odoo", "odoo://desk/mail.message/12")
    assert event.received_at == NOW


def test_a_message_is_one_event_of_a_mailbox_whichever_side_it_is_on_and_however_it_was_edited() -> None:
    ready = prepared(hosted())
    assert prepared(hosted(), SENT).event_id == ready.event_id
    assert prepared(hosted(), subject="Edited").event_id == ready.event_id
    assert prepared(hosted(13)).event_id != ready.event_id
    assert prepared(hosted(), Feed("other", "odoo", "INBOX", "incoming")).event_id != ready.event_id


def test_all_messages_of_a_record_are_one_conversation() -> None:
    knowledge = Knowledge()
    first = place(INBOX, prepared(hosted(12), message_id="<1@x>"), knowledge)
    second = place(INBOX, prepared(hosted(13), message_id="<2@x>"), knowledge)
    other = place(INBOX, prepared(hosted(14, "odoo:desk:crm.lead:8"), message_id="<3@x>"), knowledge)
    alone = place(INBOX, prepared(hosted(15, ""), message_id="<4@x>"), knowledge)
    assert first.conversation == second.conversation
    assert len({first.conversation, other.conversation, alone.conversation}) == 3
