from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox.digest import HEADER_LIMIT, digest, header_block, header_digest

LINES = st.lists(st.binary(max_size=10).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b"")), max_size=8)


@settings(deadline=None)
@given(LINES)
def test_line_ends_do_not_matter(lines: list[bytes]) -> None:
    lf, crlf = b"\n".join(lines), b"\r\n".join(lines)
    assert digest(lf) == digest(crlf) == sha256(lf).hexdigest()
    assert header_digest(lf) == header_digest(crlf)


@settings(deadline=None)
@given(LINES.filter(lambda lines: b"" not in lines), st.binary(max_size=20))
def test_the_header_alone_has_the_digest_that_it_has_in_the_mail(header: list[bytes], body: bytes) -> None:
    block = b"".join(line + b"\r\n" for line in header)
    assert header_digest(block + b"\r\n" + body) == header_digest(block + b"\r\n") == header_digest(block)


def test_a_lone_carriage_return_is_content() -> None:
    assert digest(b"a\rb") != digest(b"a\nb")


def test_a_mail_that_is_all_header_is_bounded() -> None:
    raw = b"X: " + b"y" * (3 * HEADER_LIMIT)
    assert len(header_block(raw)) == HEADER_LIMIT
    assert header_digest(raw) == header_digest(raw[: 2 * HEADER_LIMIT])


def test_a_mail_without_header() -> None:
    assert header_block(b"\r\nbody") == b""
