"""Where the messages of an mbox file begin and end (RFC 4155), whatever the file holds. Blocking, streaming.

A From_ line begins a message when it carries a date, or follows an empty line (or the file's start) with nothing but
a sender; prose such as `From the beginning` therefore splits nothing. `>From ` quoting is left as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final

LINE: Final = 64 * 1024
"""Bytes of a line that are in memory at once."""

_DATED = re.compile(
    rb"From (?:\S+ +)?(?:[^\n]{0,200}? )?(\w{3} +\w{3} +\d{1,2} +\d\d:\d\d(?::\d\d)?)(?: [^\n]{0,40}?)? (\d{4})\b"
)
_BARE = re.compile(rb"From \S+\s*")


@dataclass(frozen=True, slots=True)
class Span:
    """One message: bytes [start, end) of the file; `offset` is that of its From_ line.

    `date` is the From_ line's, taken as UTC (RFC 4155 §A). `foreign`: bytes before the first From_ line.
    """

    offset: int
    start: int
    end: int
    date: datetime | None = None
    foreign: bool = False


def spans(file: BinaryIO, offset: int = 0) -> Iterator[Span]:
    """The messages from `offset`, which must be 0 or the offset of a From_ line."""
    file.seek(offset)
    begun: tuple[int, int, datetime | None, bool] | None = None
    position, blank_before, line_start, blank_bytes = offset, True, True, 0
    while line := file.readline(LINE):
        if line_start and _separates(line, after_blank=blank_before):
            if begun is not None:
                yield _span(begun, position - blank_bytes)
            begun = (position, position + len(line), _date(line), False)
            blank_before, blank_bytes = True, 0
        else:
            blank = line_start and line in (b"\n", b"\r\n")
            if begun is None and not blank:
                begun = (position, position, None, True)
            # The empty line before a From_ line belongs to the separator (RFC 4155 §A).
            blank_before, blank_bytes = blank, len(line) if blank else 0
        position += len(line)
        line_start = line.endswith(b"\n")
    if begun is not None:
        yield _span(begun, position - blank_bytes)


def _span(begun: tuple[int, int, datetime | None, bool], end: int) -> Span:
    offset, start, date, foreign = begun
    return Span(offset, start, max(start, end), date, foreign)


def _separates(line: bytes, *, after_blank: bool) -> bool:
    if not line.startswith(b"From ") or not line.endswith(b"\n"):
        return False
    return bool(_DATED.match(line)) or (after_blank and bool(_BARE.fullmatch(line)))


def _date(line: bytes) -> datetime | None:
    found = _DATED.match(line)
    if found is None:
        return None
    text = b" ".join((*found.group(1).split(), found.group(2))).decode("latin-1")
    for form in ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M %Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
