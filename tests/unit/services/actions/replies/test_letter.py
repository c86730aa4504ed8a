"""The reply as a message, read back by another parser; hostile mails leave no trace in its header."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import is_own_message_id
from schemas.mail import Address, MailArrived
from schemas.outgoing import Outgoing
from schemas.reply_action import AutoReplyAction
from services.actions.replies.letter import MAX_REFERENCES, Letter, compose, recipient_of, subject_of
from tests.unit.services.actions.making import NOON
from tests.unit.services.actions.replies.answered import OUTGOING, SUPPORT, asked

TEXT = "Hello {sender_name},\nwe have “{subject}”.\n"
NAMES = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Precedence",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip


def letter(event: MailArrived | None = None, outgoing: dict[str, Any] | None = None, **action: Any) -> Letter:
    made = AutoReplyAction.model_validate({"id": "reply", "type": "auto_reply", "text": TEXT, **action})
    return compose(made, event or asked(), Outgoing.model_validate(OUTGOING | (outgoing or {})), "key", NOON)


def read(made: Letter) -> EmailMessage:
    return message_from_bytes(made.raw, policy=policy.default)


def plain(made: Letter) -> str:
    body = read(made).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_reply() -> None:
    made = letter(asked(references=("<a@x>", "<b@x>")))
    found = read(made)
    assert (made.sender, made.recipient) == (SUPPORT, "anna@example.org")
    assert (found["From"], found["To"]) == ("Support <support@company.example>", "anna@example.org")
    assert (found["Subject"], found["Date"]) == ("Re: Offer 1", "Sun, 01 Mar 2026 12:00:00 +0000")
    assert (found["In-Reply-To"], found["References"]) == ("<1@example.org>", "<a@x> <b@x> <1@example.org>")
    assert [found[n] for n in ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress")] == [
        "auto-replied",
        "bulk",
        "All",
    ]
    assert found["Message-ID"] == made.message_id
    assert is_own_message_id(made.message_id)
    assert made.message_id.endswith("@company.example>")
    assert plain(made) == "Hello Anna,\nwe have “Offer 1”.\n"
    assert set(found.keys()) == NAMES


def test_the_same_again_is_the_same_and_another_key_another_message() -> None:
    assert letter() == letter()
    action = AutoReplyAction.model_validate({"id": "reply", "type": "auto_reply", "text": TEXT})
    other = compose(action, asked(), Outgoing.model_validate(OUTGOING), "other", NOON)
    assert other.message_id != letter().message_id


def test_html_beside_the_text_with_escaped_variables() -> None:
    made = letter(
        asked(subject="<script>&", sender=Address(name='"><b>', address="a@x.example")),
        html="<p>{subject} {sender_name}</p>",
    )
    found = read(made)
    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    html = found.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>&lt;script&gt;&amp; &quot;&gt;&lt;b&gt;</p>"


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        ("Offer", "Re: Offer"),
        ("Re: Offer", "Re: Offer"),
        ("RE: re:Offer", "Re: Offer"),
        ("AW: WG: Angebot", "Re: WG: Angebot"),
        ("Re[2]: Offer", "Re: Offer"),
        ("Recap: x", "Re: Recap: x"),
        ("", "Re: (no subject)"),
        ("x\r\nBcc: all@x.example", "Re: x Bcc: all@x.example"),
        ("x" * 1_000, "Re: " + "x" * 195 + "…"),
    ],
)
def test_subjects(subject: str, wanted: str) -> None:
    assert subject_of("Re: {subject}", asked(subject=subject)) == wanted
    assert read(letter(asked(subject=subject)))["Subject"] == wanted


def test_who_is_answered() -> None:
    assert letter(asked(reply_to=(Address(address="desk@example.org"),))).recipient == "desk@example.org"
    for address in ("a b@x", "ä@x.example", "a@x\r\nRCPT TO:<b@y>", "@", "", "a@x>,<b@y", f"{'a' * 65}@x"):
        assert recipient_of(asked(sender=Address(address=address))) is None
        assert recipient_of(asked(reply_to=(Address(address=address),))) is None
    assert recipient_of(asked(sender=None)) is None


@pytest.mark.parametrize("name", ["Suppört und Bücher " * 5, 'Quo"te\\', "", "Doe, Jane", "日本語サポート"])
def test_the_name_beside_the_address(name: str) -> None:
    found = read(letter(outgoing={"name": name[:100]}))
    (address,) = found["From"].addresses
    assert address.addr_spec == SUPPORT
    # Blanks between encoded words mean nothing (RFC 2047 §6.2); the parser leaves one.
    assert address.display_name.replace(" ", "") == name[:100].replace(" ", "")


def test_references_are_bounded_and_only_ids() -> None:
    many = tuple(f"<{n}@x>" for n in range(100))
    ids = read(letter(asked(references=many)))["References"].split()
    assert (len(ids), ids[0], ids[-1]) == (MAX_REFERENCES, "<0@x>", "<1@example.org>")
    bad = ("<a@x>\r\nBcc: b@y", "no-brackets", "<a b@x>", f"<{'a' * 300}@x>", "<ä@x>", "<ok@x>")
    assert read(letter(asked(references=bad)))["References"].split() == ["<ok@x>", "<1@example.org>"]
    hostile = read(letter(asked(message_id="<x@y>\r\nBcc: b@y", references=())))
    assert (hostile["In-Reply-To"], hostile["References"], hostile["Bcc"]) == (None, None, None)
    only_parent = read(letter(asked(references=(), in_reply_to=("<p@x>", "<q@x>"))))
    assert only_parent["References"] == "<p@x> <1@example.org>"


def test_lines_keep_to_smtp() -> None:
    long = letter(
        asked(subject="Ü" * 150, references=tuple(f"<{'a' * 200}{n}@x>" for n in range(30))), text="Ü" * 5_000 + "\n.\n"
    ).raw
    assert long.isascii()
    lines = long.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


VALUES = st.text(st.characters(exclude_categories=()), max_size=200)


@given(subject=VALUES, name=VALUES, message_id=VALUES, reference=VALUES)
def test_no_mail_writes_into_the_header(subject: str, name: str, message_id: str, reference: str) -> None:
    event = asked(
        subject=subject,
        sender=Address(name=name, address="anna@example.org"),
        message_id=message_id,
        references=(reference,),
    )
    made = letter(event, html="<p>{sender_name}</p>", subject="{sender_name} {subject}")
    found = read(made)
    assert set(found.keys()) <= NAMES
    assert len(found.keys()) == len(set(found.keys()))
    assert (found["To"], found["Auto-Submitted"]) == ("anna@example.org", "auto-replied")
    assert made.raw.isascii()
    assert b"\n" not in made.raw.replace(b"\r\n", b"")
