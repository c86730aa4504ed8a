"""Raw bytes as lines and header fields, without any MIME parser: what identity and parsing share.

Everything is linear in the size of its input, whatever the input is: only searches for fixed strings and regular
expressions that never try the same byte twice for the same reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
_FIELD_START = re.compile(rb"^([!-9;-~]+)[ \t]*:", re.MULTILINE)
_NOT_A_FIELD = re.compile(rb"^(?![ \t]|[!-9;-~]+[ \t]*:)", re.MULTILINE)
_ENVELOPE = re.compile(rb">?From [^\n]*(?:\n|\Z)")


def lf_lines(raw: bytes) -> bytes:
    """The bytes with CRLF as LF; a bare CR is a line end only where there is no LF at all (old Macintosh files)."""
    lines = raw.removeprefix(BOM).replace(b"\r\n", b"\n")
    return lines.replace(b"\r", b"\n") if b"\n" not in lines else lines


@dataclass(frozen=True, slots=True)
class Block:
    """Where a header block and what follows it lie in a buffer of LF lines. Offsets in bytes."""

    start: int
    end: int
    body: int

    @property
    def separated(self) -> bool:
        """An empty line ended the header."""
        return self.body > self.end


def header_block(lines: bytes, start: int = 0, end: int | None = None) -> Block:
    """Find the header that begins at `start`, which is 0 or follows an LF.

    The header is the longest run of fields (RFC 5322 §2.2: printable US-ASCII name, optional blanks, colon) and their
    continuation lines. One empty line after it is the separator. Any other line begins the body, so nothing is lost
    from a message that has no header or a broken one.
    """
    stop = len(lines) if end is None else end
    if not _FIELD_START.match(lines, start, stop):
        found = start
    else:
        other = _NOT_A_FIELD.search(lines, start, stop)
        found = other.start() if other else stop
    blank = found < stop and lines[found] == 0x0A
    return Block(start, found, found + 1 if blank else found)


def message_block(lines: bytes) -> Block:
    """The header of a whole message, after an mbox line (`From …`, also quoted) if one was left in front."""
    envelope = _ENVELOPE.match(lines)
    return header_block(lines, envelope.end() if envelope else 0)


def fields(lines: bytes, block: Block, value_limit: int) -> Iterator[tuple[str, bytes]]:
    """Names as written and raw values (fold marks included, cut to `value_limit` bytes), in order."""
    last: re.Match[bytes] | None = None
    for match in _FIELD_START.finditer(lines, block.start, block.end):
        if last is not None:
            yield last[1].decode("ascii"), lines[last.end() : min(match.start() - 1, last.end() + value_limit)]
        last = match
    if last is not None:
        yield last[1].decode("ascii"), lines[last.end() : min(block.end, last.end() + value_limit)].removesuffix(b"\n")
