"""The table of conversations: which mails belong together, whatever the order in which they come."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import pytest

from connectors.mailbox.port import Position
from schemas import ids
from schemas.mail import Address, ContentReference
from services.ingest.conversations import Knowledge, Standing, place
from services.ingest.model import Direction, Feed, Prepared
from services.ingest.parse.mail import ParsedMail

INBOX = Feed("info", "eml", "INBOX", "incoming")
SENT = Feed("info", "imap", "Sent", "outgoing")


def mail(
    own: str | None, *references: str, answers: Sequence[str] = (), sender: str = "Anna@x", to: str = "b@y"
) -> Prepared:
    event = uuid5(UUID(int=0), f"{own}{references}{answers}")
    return Prepared(
        Position("INBOX", "", str(event)),
        event,
        ParsedMail(
            message_id=own,
            references=references,
            in_reply_to=tuple(answers),
            sender=Address(address=sender),
            to=(Address(address=to),),
        ),
        ContentReference(uri=f"u{own}", digest="", header_digest="", size=1),
        None,
    )


def place_all(*mails: tuple[Feed, Prepared]) -> list[Standing]:
    knowledge = Knowledge()
    return [place(feed, prepared, knowledge) for feed, prepared in mails]


def root(message_id: str) -> UUID:
    return ids.conversation_id("info", message_id)


A, B, C = mail("<a>"), mail("<b>", "<a>"), mail("<c>", "<a>", "<b>")

TABLE: dict[str, tuple[list[Prepared], list[UUID]]] = {
    "the mail itself": ([A], [root("<a>")]),
    "the oldest reference": ([C], [root("<a>")]),
    "in order": ([A, B, C], [root("<a>")] * 3),
    "backwards": ([C, B, A], [root("<a>")] * 3),
    "the middle first": ([B, A, C], [root("<a>")] * 3),
    "references cut by a mailer": ([A, B, mail("<d>", "<b>")], [root("<a>")] * 3),
    "only In-Reply-To": ([A, mail("<e>", answers=["<a>"])], [root("<a>")] * 2),
    "In-Reply-To to one not seen": ([mail("<e>", answers=["<z>"]), mail("<z>")], [root("<z>")] * 2),
    "an answer came before what it answers": (
        [mail("<f>", answers=["<g>"]), mail("<g>", "<a>")],
        [root("<g>")] * 2,
    ),
    "two answers to a mail not seen": ([mail("<h>", "<z>"), mail("<i>", "<z>")], [root("<z>")] * 2),
    "a known reference beats an older unknown one": ([A, mail("<j>", "<unknown>", "<a>")], [root("<a>")] * 2),
    "the newest of two known": ([A, mail("<k>"), mail("<l>", "<a>", "<k>")], [root("<a>"), root("<k>"), root("<k>")]),
    "strangers": ([A, mail("<k>")], [root("<a>"), root("<k>")]),
    "two mails with one Message-ID": ([A, mail("<a>", "<q>")], [root("<a>")] * 2),
}


@pytest.mark.parametrize("name", TABLE)
def test_conversation(name: str) -> None:
    mails, expected = TABLE[name]
    assert [standing.conversation for standing in place_all(*((INBOX, each) for each in mails))] == expected


def test_a_mail_without_any_id_is_its_own_conversation() -> None:
    lonely = mail(None)
    assert place_all((INBOX, lonely))[0].conversation == root(str(lonely.event_id))


def test_reply_state() -> None:
    first, sent, reply, other = place_all(
        (INBOX, A), (SENT, mail("<s>", "<a>", answers=["<a>"], sender="info@y", to="New@x")), (INBOX, C),
        (INBOX, mail("<n>", sender="new@X")),
    )  # fmt: skip
    assert (first.reply_state.is_reply, first.reply_state.first_contact, first.reply_state.answered) == (
        False,
        True,
        False,
    )
    assert sent.reply_state.is_reply
    assert (reply.reply_state.is_reply, reply.reply_state.first_contact, reply.reply_state.answered) == (
        True,
        False,
        True,
    )
    assert not other.reply_state.first_contact, "whom the mailbox wrote to is no stranger"


@pytest.mark.parametrize(
    ("direction", "answers", "references", "expected"),
    [
        ("outgoing", ["<b>"], ["<a>"], "<b>"),
        ("outgoing", [], ["<a>", "<b>"], "<b>"),
        ("outgoing", ["<unknown>"], ["<a>"], "<a>"),
        ("outgoing", [], [], None),
        ("incoming", ["<b>"], [], None),
    ],
)
def test_original(direction: Direction, answers: list[str], references: list[str], expected: str | None) -> None:
    feed = Feed("info", "imap", "Sent", direction)
    original = place_all((INBOX, A), (INBOX, B), (feed, mail("<s>", *references, answers=answers)))[-1].original
    assert (original.message_id if original else None) == expected
