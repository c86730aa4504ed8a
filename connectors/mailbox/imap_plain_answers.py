"""FETCH answers of the usual shape, read without imapclient's lexer, which takes most of the time of reading a folder.

Whatever has another shape is left to that: quoted flags, NIL, literals in other places, dates that are none.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

Line = bytes | tuple[bytes, bytes] | None

_LITERAL: Final = re.compile(rb"(\d+) \(((?:[^{]*[^{ ])? ?)(BODY\[\](?:<\d+>)?) \{\d+\}")
_LINE: Final = re.compile(rb"(\d+) \((.*)\)")
_ITEM: Final = re.compile(
    rb' ?(?:UID (\d+)|RFC822\.SIZE (\d+)|FLAGS \(([^(){"]*)\)|INTERNALDATE "([^"]*)"|MODSEQ \((\d+)\)'
    rb"|X-GM-THRID (\d+))(?= |$)"
)
_DATE: Final = re.compile(rb" ?(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS: Final = {name: n for n, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_NUMBERS: Final = {1: b"UID", 2: b"RFC822.SIZE", 6: b"X-GM-THRID"}


def plain_facts(answer: Sequence[Line]) -> dict[bytes, Any] | None:
    """What imapclient's `parse_fetch_response` would make of this one answer; None: ask it."""
    try:
        if len(answer) == 1 and isinstance(answer[0], bytes):
            return _facts(_LINE.fullmatch(answer[0]), b"")
        if len(answer) == 2 and isinstance(answer[0], tuple) and isinstance(answer[1], bytes):
            head, raw = answer[0]
            found = _LITERAL.fullmatch(head)
            if found is None or not answer[1].endswith(b")"):
                return None
            facts = _facts(found, answer[1][:-1])
            if facts is not None:
                facts[found[3]] = raw
            return facts
    except ValueError:  # a number or a date that is none
        return None
    return None


def _facts(found: re.Match[bytes] | None, more: bytes) -> dict[bytes, Any] | None:
    if found is None:
        return None
    facts: dict[bytes, Any] = {b"SEQ": int(found[1])}
    return facts if _take(found[2].rstrip(b" "), facts) and _take(more, facts) else None


def _take(items: bytes, facts: dict[bytes, Any]) -> bool:
    at = 0
    while at < len(items):
        found = _ITEM.match(items, at)
        if found is None:
            return False
        at, kind = found.end(), found.lastindex or 0
        if kind in _NUMBERS:
            facts[_NUMBERS[kind]] = int(found[kind])
        elif kind == 3:
            facts[b"FLAGS"] = tuple(found[kind].split())
        elif kind == 4:
            facts[b"INTERNALDATE"] = _date(found[kind])
        else:
            facts[b"MODSEQ"] = (int(found[kind]),)
    return True


def _date(text: bytes) -> datetime:
    found = _DATE.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        raise ValueError("no date of RFC 3501")
    day, _, year, hour, minute, second, sign, hours, minutes = found.groups()
    zone = _zone(sign == b"-", int(hours), int(minutes))
    return datetime(int(year), _MONTHS[found[2]], int(day), int(hour), int(minute), int(second), tzinfo=zone)


@lru_cache(maxsize=64)
def _zone(west: bool, hours: int, minutes: int) -> timezone:
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if west else offset)
