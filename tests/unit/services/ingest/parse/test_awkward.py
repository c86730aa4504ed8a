"""Mails as they should not be: what is still read of each, and which defect says so."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from schemas.mail import Address
from services.ingest.parse.mail import ParsedMail, parse_mail

HEAD = b"Message-ID: <a@b>\nFrom: a@b.example\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n"


PICTURE = b"Content-Type: image/png; name=logo.png\nContent-ID: <l>\n\nx\n--x--"


@dataclass(frozen=True)
class Case:
    raw: bytes
    holds: Callable[[ParsedMail], bool]
    defect: str | None = None


def part(kind: bytes, body: bytes, more: bytes = b"") -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\n" + more + b"\n" + body


CASES = {
    "nothing at all": Case(b"", lambda m: m.sender is None and m.excerpt == "", "no-header"),
    "no header": Case(b"just text\nmore", lambda m: m.excerpt == "just text\nmore", "no-header"),
    "header not ended": Case(HEAD + b"oops\nmore", lambda m: m.excerpt == "oops\nmore", "header-not-ended"),
    "bare CR line ends": Case(HEAD.replace(b"\n", b"\r") + b"\rhi", lambda m: m.excerpt == "hi"),
    "byte order mark": Case(b"\xef\xbb\xbf" + HEAD + b"\nhi", lambda m: m.message_id == "<a@b>"),
    "mbox line left": Case(b"From x Mon\n" + HEAD + b"\nhi", lambda m: m.message_id == "<a@b>"),
    "no Message-ID": Case(b"From: a@b\n\n", lambda m: m.message_id is None, "message-id-missing"),
    "bare Message-ID": Case(b"Message-ID: a@b\n\n", lambda m: m.message_id == "<a@b>", "message-id-without-brackets"),
    "empty Message-ID": Case(b"Message-ID: <>\n\n", lambda m: m.message_id is None, "message-id-unreadable"),
    "folded Message-ID": Case(b"Message-ID:\n <aaa\n bbb@c>\n\n", lambda m: m.message_id == "<aaabbb@c>"),
    "huge Message-ID": Case(
        b"Message-ID: <" + b"x" * 2000 + b">\n\n", lambda m: m.message_id is None, "message-id-too-long: Message-ID"
    ),
    "no Date": Case(b"From: a@b\n\n", lambda m: m.date is None, "date-missing"),
    "year 0": Case(b"Date: Mon, 1 Jan 0000 00:00:00 +0000\n\n", lambda m: m.date is None or m.date.year == 2000),
    "year 99999": Case(
        b"Date: Mon, 1 Jan 99999 00:00:00 +0000\n\n",
        lambda m: m.date is None,
        "date-unreadable: Mon, 1 Jan 99999 00:00:00 +0000",
    ),
    "end of time, west": Case(
        b"Date: Fri, 31 Dec 9999 23:59:59 -1200\n\n",
        lambda m: m.date is None,
        "date-unreadable: Fri, 31 Dec 9999 23:59:59 -1200",
    ),
    "zone out of range": Case(b"Date: Mon, 2 Nov 2026 10:00:00 +9999\n\n", lambda m: m.date is None),
    "date without zone": Case(
        b"Date: Mon, 2 Nov 2026 10:00:00\n\n", lambda m: m.date == datetime(2026, 11, 2, 10, tzinfo=UTC)
    ),
    "date is words": Case(b"Date: soon\n\n", lambda m: m.date is None, "date-unreadable: soon"),
    "8-bit subject, UTF-8": Case("Subject: Grüße\n\n".encode(), lambda m: m.subject == "Grüße"),
    "8-bit subject, Latin-1": Case(
        "Subject: Grüße\n\n".encode("latin-1"), lambda m: m.subject == "Grüße", "header-not-utf8: Subject"
    ),
    "character split over words": Case(
        b"Subject: =?utf-8?b?w7w=?= =?utf-8?q?=C3?=\n =?utf-8?q?=BC?= x\n\n", lambda m: m.subject == "üü x"
    ),
    "unknown charset in word": Case(
        b"Subject: =?x-none?q?hi=FC?=\n\n", lambda m: m.subject == "hiü", "unknown-charset: x-none"
    ),
    "broken base64 word": Case(
        b"Subject: =?utf-8?b?SGVsbG8gd29ybGQ?= x\n\n", lambda m: m.subject == "Hello world x", "bad-encoded-word"
    ),
    "word that is none": Case(b"Subject: =?utf-8?x?abc?= =?\n\n", lambda m: m.subject == "=?utf-8?x?abc?= =?"),
    "header split by encoded line end": Case(
        b"Subject: =?utf-8?q?a=0D=0AX-Evil:_1?=\n\n", lambda m: m.subject == "a X-Evil: 1"
    ),
    "NUL in subject": Case(b"Subject: a\0b\n\nx\0y", lambda m: "\0" not in m.subject + m.excerpt, "nul-bytes"),
    "address hides in the name": Case(
        b'From: "ceo@firma.example" <evil@x.example>\n\n',
        lambda m: m.sender == Address(name="ceo@firma.example", address="evil@x.example"),
    ),
    "comma in a bare name": Case(
        b"From: Doe, Jane <jane@x.example>\n\n", lambda m: m.sender == Address(name="Jane", address="jane@x.example")
    ),
    "comment as name": Case(
        b"From: jane@x.example (Jane (the) Doe)\n\n",
        lambda m: m.sender == Address(name="Jane the Doe", address="jane@x.example"),
    ),
    "comma lost": Case(
        b"To: A <a@x> B <b@x> c@x\n\n",
        lambda m: m.to == (Address(name="A", address="a@x"), Address(name="B", address="b@x"), Address(address="c@x")),
    ),
    "comma encoded": Case(
        b"To: A <a@x>\n =?utf-8?q?=2C?= b@x\n\n",
        lambda m: m.to == (Address(name="A", address="a@x"), Address(address="b@x")),
    ),
    "no address": Case(b"From: Jane Doe\n\n", lambda m: m.sender is None, "addresses-unreadable: From"),
    "local name only": Case(
        b"From: root\n\n", lambda m: m.sender == Address(address="root") and m.automatic == ("sender-root",)
    ),
    "route address": Case(
        b"From: <@a.x,@b.x:jane@x.example>\n\n", lambda m: m.sender == Address(address="jane@x.example")
    ),
    "undisclosed": Case(b"To: undisclosed-recipients:;\n\n", lambda m: m.to == ()),
    "mailto": Case(b"From: mailto:jane@x.example\n\n", lambda m: m.sender == Address(address="jane@x.example")),
    "umlaut domain": Case(
        "From: a@Bücher.example\n\n".encode(), lambda m: m.sender == Address(address="a@xn--bcher-kva.example")
    ),
    "domain too long": Case(b"From: a@" + b"x" * 400 + b"\n\n", lambda m: m.sender is None, "address-too-long"),
    "two To": Case(
        b"To: a@x\nTo: b@x\n\n", lambda m: [a.address for a in m.to] == ["a@x", "b@x"], "repeated-header: To"
    ),
    "unknown charset": Case(
        part(b"text/plain; charset=klingon", b"caf\xe9"), lambda m: m.excerpt == "café", "unknown-charset: klingon"
    ),
    "wrong charset": Case(
        part(b"text/plain; charset=us-ascii", "café".encode()), lambda m: m.excerpt == "café", "wrong-charset: us-ascii"
    ),
    "invalid UTF-8": Case(
        part(b"text/plain; charset=utf-8", b"caf\xe9"), lambda m: m.excerpt == "café", "wrong-charset: utf-8"
    ),
    "a codec that is no charset": Case(
        part(b"text/plain; charset=punycode", b"abc-\xff"), lambda m: m.excerpt == "abc-ÿ", "unknown-charset: punycode"
    ),
    "lone surrogate by UTF-7": Case(
        part(b"text/plain; charset=utf-7", b"a+2AA-b"), lambda m: m.excerpt.encode() is not None
    ),
    "unknown encoding": Case(
        part(b"text/plain", b"hi", b"Content-Transfer-Encoding: uu\n"),
        lambda m: m.excerpt == "hi",
        "unknown-encoding: uu",
    ),
    "broken base64": Case(
        part(b"text/plain", b"SGVsbG8gd29ybGQ", b"Content-Transfer-Encoding: base64\n"),
        lambda m: m.excerpt == "Hello world",
        "bad-base64",
    ),
    "no boundary": Case(part(b"multipart/mixed", b"hi"), lambda m: m.excerpt == "hi", "multipart-without-boundary"),
    "boundary never comes": Case(
        part(b"multipart/mixed; boundary=x", b"hi"), lambda m: m.excerpt == "hi", "multipart-without-parts"
    ),
    "not closed": Case(
        part(b"multipart/mixed; boundary=x", b"--x\n\nhi"), lambda m: m.excerpt == "hi", "multipart-not-closed"
    ),
    "part header not ended": Case(
        part(b"multipart/mixed; boundary=x", b"--x\nhi there\n--x--\n"),
        lambda m: m.excerpt == "hi there",
        "part-header-not-ended",
    ),
    "content type is nonsense": Case(
        part(b"yes, please", b"hi"), lambda m: m.excerpt == "hi", "content-type-unreadable: yes, please"
    ),
    "boundary with a blank tail": Case(
        part(b'multipart/mixed; boundary="x"', b"--x \t\n\nhi\n--x--  \n"),
        lambda m: m.excerpt == "hi" and m.defects == (),
    ),
    "file name in words": Case(
        part(b"text/plain; name*0=a; name*1*=%62.txt", b"hi"), lambda m: m.attachments[0].name == "ab.txt"
    ),
    "file name with a path": Case(
        part(b'application/x; name="..\\\\..\\\\c:/x/evil.exe"', b"hi"), lambda m: m.attachments[0].name == "evil.exe"
    ),
    "file name, RFC 2047": Case(
        part(b'application/x; name="=?utf-8?q?=C3=BC.pdf?="', b"hi"), lambda m: m.attachments[0].name == "ü.pdf"
    ),
    "picture inside HTML": Case(
        part(b"multipart/related; boundary=x", b"--x\nContent-Type: text/html\n\n<p>hi</p>\n--x\n" + PICTURE),
        lambda m: m.attachments == () and m.excerpt == "hi",
    ),
    "forwarded mail": Case(
        part(b"message/rfc822", HEAD + b"\nhi"), lambda m: m.attachments[0].content_type == "message/rfc822"
    ),
    "empty plain, full HTML": Case(
        part(b"multipart/alternative; boundary=x", b"--x\n\n \n--x\nContent-Type: text/html\n\n<p>hi</p>\n--x--"),
        lambda m: m.excerpt == "hi",
    ),
    "HTML never closed": Case(part(b"text/html", b"<p>hi <b>you<script>x"), lambda m: m.excerpt == "hi you"),
    "HTML lies": Case(
        part(b"text/html", b"1 < 2 &amp; 3 &#99999999999; <style>x</style>&lt;p&gt;"),
        lambda m: m.excerpt == "1 < 2 & 3 \ufffd; <p>",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_awkward_mail(name: str) -> None:
    case = CASES[name]
    parsed = parse_mail(case.raw)
    assert case.holds(parsed), parsed
    assert case.defect is None or case.defect in parsed.defects, parsed.defects


def test_nesting_is_bounded() -> None:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5_000))
    assert "nested-too-deep: 20" in parse_mail(levels + b"\nhi").defects


def test_parts_are_bounded() -> None:
    body = b"--x\nContent-Type: application/x; name=f\n\nx\n" * 10_002
    parsed = parse_mail(part(b"multipart/mixed; boundary=x", body))
    assert len(parsed.attachments) == 100
    assert {"too-many-parts: 10000", "attachments-cut: 10000"} <= set(parsed.defects)


def test_size_of_a_large_attachment_without_decoding_it() -> None:
    data = b"\xff" * 1_000_003
    body = base64.encodebytes(data)
    parsed = parse_mail(part(b"application/x; name=f", body, b"Content-Transfer-Encoding: base64\n"))
    assert parsed.attachments[0].size == len(data)


def test_references_keep_the_oldest_and_the_newest() -> None:
    parsed = parse_mail(b"References: " + b" ".join(b"<%d@x>" % i for i in range(500)) + b"\n\n")
    assert len(parsed.references) == 100
    assert (parsed.references[0], parsed.references[-1]) == ("<0@x>", "<499@x>")
    assert "references-cut: References" in parsed.defects
