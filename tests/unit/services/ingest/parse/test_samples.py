"""Good mail is read as every mail client reads it, and as the standard library does."""

import email
from email.header import decode_header, make_header

import pytest

from schemas.mail import Address, Attachment
from services.ingest.parse.mail import parse_mail
from tests.unit.services.ingest.samples import ALL, BOUNCE, HTML, MIXED, PLAIN, REPLY


def test_plain() -> None:
    mail = parse_mail(PLAIN)
    assert mail.sender == Address(name="Jörg", address="joerg@example.org")
    assert mail.excerpt == "Hello,\n\nplease call me."
    assert mail.headers[0][0] == "Received"
    assert mail.defects == ()


def test_reply() -> None:
    mail = parse_mail(REPLY)
    assert mail.in_reply_to == ("<one@example.org>",)
    assert mail.references == ("<zero@x>", "<one@example.org>")


def test_mixed() -> None:
    mail = parse_mail(MIXED)
    assert mail.sender == Address(name="Doe, Jane", address="jane@example.org")
    assert [address.address for address in mail.cc] == ["c@x.example", "d@x.example"]
    assert mail.subject == "Grüße an alle"
    assert mail.excerpt == "Schöne Grüße"
    assert mail.attachments == (Attachment(name="Grüße.pdf", content_type="application/pdf", size=11),)
    assert mail.defects == ()


def test_html() -> None:
    assert parse_mail(HTML).excerpt == "Hello you\n\n2 < 3"


def test_bounce() -> None:
    mail = parse_mail(BOUNCE)
    assert mail.excerpt == "not delivered"
    assert "multipart-report" in mail.automatic


@pytest.mark.parametrize("raw", ALL)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_as_the_standard_library(raw: bytes, line_end: bytes) -> None:
    theirs = email.message_from_bytes(raw.replace(b"\n", line_end))
    ours = parse_mail(raw.replace(b"\n", line_end))
    assert ours == parse_mail(raw)
    assert ours.message_id == theirs["Message-ID"]
    assert ours.subject == str(make_header(decode_header(theirs.get("Subject", ""))))
    assert [name for name, _ in ours.headers] == list(theirs.keys())
    assert bool(ours.attachments) == any(part.get_filename() for part in theirs.walk()) or raw is BOUNCE
