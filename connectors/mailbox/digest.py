"""How two readings of one mail are known to be the same: SHA-256 over bytes whose line ends are normalised.

An IMAP server sends CRLF where the same mail in a Maildir may hold LF; both give the same digests here.
"""

from hashlib import sha256
from typing import Final

HEADER_LIMIT: Final = 1 << 20
"""Bytes of a header block that count. A mail without an empty line would otherwise be all header."""


def normalise_line_ends(raw: bytes) -> bytes:
    """CRLF becomes LF; a lone CR stays, since it is content and not a line end (RFC 5322 §2.3)."""
    return raw.replace(b"\r\n", b"\n")


def header_block(raw: bytes) -> bytes:
    """The header lines with LF ends, without the empty line that closes them, at most HEADER_LIMIT bytes."""
    start = raw[: 2 * HEADER_LIMIT]
    ends = [found for found in (start.find(b"\n\r\n"), start.find(b"\n\n")) if found >= 0]
    text = normalise_line_ends(start[: min(ends) + 1] if ends else start)  # without a copy of the body
    if text.startswith(b"\n"):
        return b""
    return (text[:-1] if ends else text.rstrip(b"\n"))[:HEADER_LIMIT]


def digest(raw: bytes) -> str:
    """SHA-256 (64 lower-case hex digits) of the whole message, line ends normalised."""
    return sha256(normalise_line_ends(raw)).hexdigest()


def header_digest(raw: bytes) -> str:
    """SHA-256 (64 lower-case hex digits) of `header_block(raw)`; `raw` may end anywhere after the header."""
    return sha256(header_block(raw)).hexdigest()
