"""The fast way gives what the careful one gives, or nothing."""

from collections.abc import Callable

import pytest

from services.ingest.parse.careful import parse_carefully
from services.ingest.parse.fast import parse_fast
from services.ingest.parse.mail import parse_mail
from tests.unit.services.ingest.parse.corpus import of_python, ours, with_both_line_ends
from tests.unit.services.ingest.parse.oddities import HEAD, ODDITIES


def test_every_mail_that_is_read_fast_has_the_same_facts() -> None:
    mails = with_both_line_ends({**ours(), **of_python()})
    fast = {name: found for name, raw in mails.items() if (found := parse_fast(raw)) is not None}
    assert {name for name, found in fast.items() if found != parse_carefully(mails[name])} == set()
    assert len(fast) > 90


USUAL = (
    "a group", "a name of encoded words", "encoded words split inside a character", "a quoted comma",
    "references on many lines", "references without blanks", "a charset in quotes", "a file name in segments",
    "quoted-printable at its edges", "a picture within", "a digest", "a forwarded mail", "text after the end",
    "a part without a header", "a list's mail", "written by Python",
)  # fmt: skip


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_usual_mail_is_read_fast(name: str, line_end: bytes) -> None:
    raw = ODDITIES[name].replace(b"\n", line_end)
    assert parse_fast(raw) == parse_carefully(raw)
    assert parse_fast(raw) is not None


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "a bare CR in the header": lambda raw: raw.replace(b"info@", b"in\rfo@"),
    "a header of two sorts of ends": lambda raw: raw.replace(b"\n", b"\r\n").replace(b"\r\n\r\n", b"\n\r\n", 1),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "an mbox line": lambda raw: b"From x Mon\n" + raw,
    "a line that is no header": lambda raw: raw.replace(b"To:", b"oops\nTo:"),
    "an 8-bit header": lambda raw: raw.replace(b"Anna", "Ännä".encode()),
    "no Date": lambda raw: raw.replace(b"Date:", b"X-Date:"),
    "no sender": lambda raw: raw.replace(b"From:", b"X-From:"),
    "no end of the header": lambda raw: raw.partition(b"\n\n")[0],
    "too long a value": lambda raw: b"Subject: " + b"x" * 2_001 + b"\n" + raw,
    "too large a header": lambda raw: b"X-A: 1\n" * 8_000 + raw,
    "201 headers": lambda raw: b"X-A: 1\n" * 197 + raw,
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_not_plain_is_left_to_careful_reading(name: str) -> None:
    raw = SPOILT[name](HEAD + b"\nHello\n")
    assert parse_fast(raw) is None
    assert parse_mail(raw) == parse_carefully(raw)
    assert parse_mail(HEAD + b"\nHello\n") == parse_fast(HEAD + b"\nHello\n")
