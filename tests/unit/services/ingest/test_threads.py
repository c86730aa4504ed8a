"""What joins mails beside Message-IDs, and what must not: nobody's mail lands in another's conversation by a guess."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from connectors.mailbox.port import Position
from schemas.mail import Address, ContentReference, ConversationBy
from services.ingest.conversations import Knowledge, Standing, place
from services.ingest.model import Feed, Prepared
from services.ingest.parse.parsed import ParsedMail
from services.ingest.threads import MAX_COUNTERPARTIES, may_be_guessed, stem, thread_index

INBOX = Feed("info", "eml", "INBOX", "incoming")
SENT = Feed("info", "imap", "Sent", "outgoing")
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
GUID = bytes(range(16))


def index(children: int = 0, guid: bytes = GUID, first: int = 1) -> str:
    return base64.b64encode(bytes([first, 1, 2, 3, 4, 5]) + guid + b"\0\0\0\0\1" * children).decode()


def mail(own: str, subject: str, sender: str = "anna@x.example", to: Sequence[str] = ("info@y.example",)) -> ParsedMail:
    people = tuple(Address(address=each) for each in to)
    return ParsedMail(message_id=own, subject=subject, sender=Address(address=sender), to=people)


def outlook(own: str, value: str, **more: object) -> ParsedMail:
    found = mail(own, "x")
    return found._replace(headers=(("Thread-Index", value),), **more)  # type: ignore[arg-type]


def prepared(read: ParsedMail, at: datetime = NOW) -> Prepared:
    content = ContentReference(uri="u", digest="", header_digest="", size=1)
    return Prepared(
        Position("INBOX", "", str(read.message_id)), UUID(int=hash(read.message_id) % 2**64), read, content, at
    )


def placed(*mails: tuple[Feed, ParsedMail] | tuple[Feed, ParsedMail, datetime]) -> list[Standing]:
    knowledge = Knowledge()
    return [place(feed, prepared(read, *at), knowledge) for feed, read, *at in mails]


SUBJECTS = {
    "Re: Offer": ("offer", True),
    "RE:Offer": ("offer", True),
    "AW: WG: Re[2]: Offer": ("offer", True),
    "Re (3): Offer": ("offer", True),
    "Fwd: Offer": ("offer", False),
    "Fwd: Re: Offer": ("offer", False),
    "Re: Fwd: Offer": ("offer", True),
    "回复\uff1a报价单": ("报价单", True),
    "SV: Tilbud": ("tilbud", True),
    "Offer": ("offer", False),
    "Regarding: Offer": ("regarding: offer", False),
    "Re Offer": ("re offer", False),
    "Re:": ("", True),
    "  Re :  Große   GRÜSSE ": ("grosse grüsse", True),
    "": ("", False),
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_stem(subject: str) -> None:
    assert stem(subject) == SUBJECTS[subject]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (index(), (f"thread-index:{GUID.hex()}", False)),
        (index(2), (f"thread-index:{GUID.hex()}", True)),
        (f"{index(1)[:20]} {index(1)[20:]}", (f"thread-index:{GUID.hex()}", True)),
        (index(1, first=2), None),
        (index(1)[:-4], None),
        ("", None),
        ("AdGq", None),
        ("not base64!", None),
        ("\u00e4" * 40, None),
        ("AAAA" * 600, None),
    ],
)
def test_thread_index(value: str, found: tuple[str, bool] | None) -> None:
    assert thread_index(outlook("<a>", value)) == found


def test_an_answer_of_outlook_without_references_is_joined() -> None:
    first, answer, other = placed(
        (INBOX, outlook("<a>", index())),
        (INBOX, outlook("<b>", index(1))),
        (INBOX, outlook("<c>", index(1, bytes(16)))),
    )
    assert (first.conversation_by, answer.conversation_by, other.conversation_by) == ("new", "thread-index", "new")
    assert first.conversation == answer.conversation != other.conversation


def test_mail_from_one_template_is_not_joined_by_its_thread_index() -> None:
    one, two = placed((INBOX, outlook("<a>", index())), (INBOX, outlook("<b>", index())))
    assert one.conversation != two.conversation


def threaded(read: ParsedMail, thread: str = "gmail:1") -> Prepared:
    return replace(prepared(read), provider_thread=thread)


def test_an_answer_that_names_only_mail_that_nobody_has_is_joined_by_its_providers_thread() -> None:
    knowledge = Knowledge()
    first, answer, by_subject, other = (
        place(INBOX, each, knowledge)
        for each in (
            threaded(mail("<a>", "Offer 7")),
            threaded(mail("<b>", "x")._replace(references=("<lost>",))),
            threaded(mail("<c>", "AW: Offer 7", "bert@x.example")),
            threaded(mail("<d>", "x")._replace(references=("<lost too>",)), "gmail:2"),
        )
    )
    assert answer.conversation == by_subject.conversation == first.conversation != other.conversation
    told = [each.conversation_by for each in (first, answer, by_subject, other)]
    assert told == ["new", "provider-thread", "provider-thread", "references"]


def test_what_a_provider_only_shows_together_is_not_joined() -> None:
    knowledge = Knowledge()
    daily, other_day, to_first = (
        place(INBOX, each, knowledge)
        for each in (
            threaded(mail("<a>", "Backup")),
            threaded(mail("<b>", "Backup")),
            threaded(mail("<c>", "Re: Backup")._replace(references=("<b>",))),
        )
    )
    assert daily.conversation != other_day.conversation == to_first.conversation
    assert to_first.conversation_by == "references"


def test_references_tell_more_than_a_thread_index() -> None:
    _, _, third = placed(
        (INBOX, outlook("<a>", index())),
        (INBOX, mail("<b>", "y")),
        (INBOX, outlook("<c>", index(1), references=("<b>",))),
    )
    assert third.conversation_by == "references"


TOLD: dict[ConversationBy, ParsedMail] = {
    "references": mail("<b>", "x")._replace(references=("<z>",)),
    "in-reply-to": mail("<b>", "x")._replace(in_reply_to=("<z>",)),
    "new": mail("<b>", "x"),
}


@pytest.mark.parametrize("told", TOLD)
def test_what_told_is_said(told: ConversationBy) -> None:
    (standing,) = placed((INBOX, TOLD[told]))
    assert standing.conversation_by == told


def test_a_mail_whose_answer_came_first_is_known() -> None:
    answer, asked = placed((INBOX, TOLD["in-reply-to"]), (INBOX, mail("<z>", "x")))
    assert asked.conversation_by == "known"
    assert asked.conversation == answer.conversation


def test_an_answer_that_names_no_mail_is_joined_by_its_subject() -> None:
    first, answer = placed(
        (INBOX, mail("<a>", "Offer 7")), (INBOX, mail("<b>", "Re: offer  7"), NOW + timedelta(days=29))
    )
    assert answer.conversation_by == "subject-guess"
    assert answer.conversation == first.conversation
    assert not answer.reply_state.is_reply


def test_an_answer_to_what_the_mailbox_sent_is_joined() -> None:
    sent, answer = placed(
        (SENT, mail("<a>", "Offer 7", "info@y.example", ["Anna@X.example"])), (INBOX, mail("<b>", "Re: Offer 7"))
    )
    assert answer.conversation == sent.conversation
    assert answer.reply_state.answered


def test_the_mailbox_answers_one_person() -> None:
    asked, sent = placed(
        (INBOX, mail("<a>", "Offer 7")), (SENT, mail("<b>", "Re: Offer 7", "info@y.example", ["anna@x.example"]))
    )
    assert sent.conversation == asked.conversation


BERT = mail("<a>", "Offer 7", "bert@x.example")
ANSWER = mail("<b>", "Re: Offer 7")
APART: dict[str, list[tuple[Feed, ParsedMail] | tuple[Feed, ParsedMail, datetime]]] = {
    "another person": [(INBOX, BERT), (INBOX, ANSWER)],
    "another subject": [(INBOX, mail("<a>", "Offer 8")), (INBOX, ANSWER)],
    "no answer by its subject": [(INBOX, mail("<a>", "Offer 7")), (INBOX, mail("<b>", "Offer 7"))],
    "a forward": [(INBOX, mail("<a>", "Offer 7")), (INBOX, mail("<b>", "Fwd: Offer 7"))],
    "long after": [(INBOX, mail("<a>", "Offer 7")), (INBOX, ANSWER, NOW + timedelta(days=31))],
    "long before": [(INBOX, mail("<a>", "Offer 7")), (INBOX, ANSWER, NOW - timedelta(days=31))],
    "two conversations": [(INBOX, mail("<a>", "Offer 7")), (INBOX, mail("<c>", "Offer 7")), (INBOX, ANSWER)],
    "no subject": [(INBOX, mail("<a>", "Re:")), (INBOX, mail("<b>", "Re: Re:"))],
    "a program's mail": [(INBOX, mail("<a>", "Offer 7")), (INBOX, ANSWER._replace(automatic=("precedence",)))],
    "an answer that names a mail": [(INBOX, mail("<a>", "Offer 7")), (INBOX, ANSWER._replace(references=("<z>",)))],
    "no sender": [(INBOX, mail("<a>", "Offer 7")), (INBOX, ANSWER._replace(sender=None))],
    "sent to two people, of whom one asked": [
        (INBOX, mail("<a>", "Offer 7")),
        (SENT, mail("<b>", "Re: Offer 7", "info@y.example", ["anna@x.example", "bert@x.example"])),
    ],
    "sent to two people, who asked in two conversations": [
        (INBOX, mail("<a>", "Offer 7")),
        (INBOX, BERT._replace(message_id="<c>")),
        (SENT, mail("<b>", "Re: Offer 7", "info@y.example", ["anna@x.example", "bert@x.example"])),
    ],
    "a circular": [
        (SENT, mail("<a>", "Offer 7", to=[f"{n}@x.example" for n in range(MAX_COUNTERPARTIES)] + ["anna@x.example"])),
        (INBOX, ANSWER),
    ],
}


@pytest.mark.parametrize("name", APART)
def test_what_a_guess_must_not_join(name: str) -> None:
    found = placed(*APART[name])
    assert len({standing.conversation for standing in found}) == len(found)
    assert "subject-guess" not in {standing.conversation_by for standing in found}


def test_a_date_without_a_zone_is_utc() -> None:
    first, answer = placed((INBOX, mail("<a>", "Offer 7"), NOW.replace(tzinfo=None)), (INBOX, ANSWER))
    assert first.conversation == answer.conversation


def test_only_an_answer_without_ids_is_guessed_about() -> None:
    assert may_be_guessed(ANSWER)
    assert not may_be_guessed(ANSWER._replace(in_reply_to=("<z>",)))
