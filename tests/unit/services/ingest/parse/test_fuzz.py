"""Whatever the bytes: a result, in bounds, that JSON can carry."""

import time

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from schemas.mail import MAX_ADDRESSES, MAX_ATTACHMENTS, MAX_EXCERPT_CHARS, MAX_HEADERS, MAX_REFERENCES, Address
from services.ingest.identity import content_digest
from services.ingest.parse.mail import ParsedMail, parse_mail
from tests.unit.services.ingest.samples import ALL

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
NAMES = (b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"Content-Disposition",
         b"Content-Transfer-Encoding", b"Reply-To", b"Auto-Submitted", b"X-\xfc", b"Sender")  # fmt: skip
PIECES = st.sampled_from(
    (
        b"=?utf-8?q?",
        b"=?utf-16?b?",
        b"?=",
        b"<",
        b">",
        b"(",
        b")",
        b'"',
        b"\\",
        b",",
        b";",
        b":",
        b"@",
        b"a",
        b" ",
        b"\n ",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"--x",
        b"--",
        b"multipart/mixed; boundary=x",
        b"text/html",
        b"base64",
        b"=",
        b"=D8",
        b"filename*0*=utf-8''%ff",
        b"charset=utf-7",
        b"+2AA-",
        b"<style>",
        b"<!--",
        b"&#xD800;",
        b"&#0;",
        b"&",
        b"Mon, 1 Jan ",
        b"9999",
        b"0000",
        b"-2359",
        b"\xed\xa0\x80",
        b"\xc3",
        b"99999999999999999999",
    )
)
value = st.lists(PIECES, max_size=30).map(b"".join)
header = st.tuples(st.sampled_from(NAMES), value).map(lambda item: item[0] + b": " + item[1] + b"\n")
built = st.tuples(st.lists(header, max_size=12), st.lists(st.one_of(PIECES, header), max_size=40)).map(
    lambda item: b"".join(item[0]) + b"\n" + b"".join(item[1])
)


def check(raw: bytes) -> ParsedMail:
    started = time.process_time()
    parsed = parse_mail(raw)
    assert time.process_time() - started < 1
    content_digest(raw)
    texts = [
        parsed.subject,
        parsed.excerpt,
        parsed.message_id or "",
        *parsed.references,
        *parsed.in_reply_to,
        *parsed.defects,
    ]
    texts += [text for item in parsed.headers for text in item]
    texts += [item.name + item.content_type for item in parsed.attachments]
    people: tuple[Address, ...] = (*parsed.to, *parsed.cc, *parsed.reply_to)
    texts += [person.name + person.address for person in people]
    for text in texts:
        assert "\0" not in text
        text.encode("utf-8")
    assert not any("\n" in text for text in (parsed.subject, *(content for _, content in parsed.headers)))
    assert len(parsed.headers) <= MAX_HEADERS
    assert max(len(parsed.to), len(parsed.cc), len(parsed.reply_to)) <= MAX_ADDRESSES
    assert len(parsed.attachments) <= MAX_ATTACHMENTS
    assert len(parsed.references) <= MAX_REFERENCES
    assert len(parsed.excerpt) <= MAX_EXCERPT_CHARS
    return parsed


@seed(11)
@settings(max_examples=500, deadline=None, suppress_health_check=SLOW)
@given(raw=built)
def test_mail_made_of_dangerous_pieces(raw: bytes) -> None:
    check(raw)


@seed(12)
@settings(max_examples=300, deadline=None)
@given(raw=st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    check(raw)


@seed(13)
@settings(max_examples=500, deadline=None)
@given(raw=st.sampled_from(ALL), edits=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5), PIECES), max_size=8))
def test_damaged_samples(raw: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for at, length, piece in edits:
        raw = raw[:at] + piece + raw[at + length :]
    check(raw)


@seed(14)
@settings(max_examples=100, deadline=None)
@given(raw=st.sampled_from(ALL), end=st.integers(0, 1_000))
def test_cut_samples(raw: bytes, end: int) -> None:
    check(raw[:end])
