"""Message-IDs (RFC 5322 §3.6.4) and dates (§3.3), as mailers really write them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from schemas.mail import MAX_REFERENCES
from services.ingest.parse import charset
from services.ingest.parse.defects import Defects
from services.ingest.parse.words import unfold

MAX_ID = 998
"""bytes of UTF-8"""
MAX_VALUE = 128 * 1024
_BRACKETED = re.compile(r"<([^<>]*)>")
_YEARS = range(1900, 9999)


def message_ids(raw: bytes, name: str, defects: Defects) -> tuple[str, ...]:
    """Every `<…>` once, in order, blanks inside removed. Above 100 the first and the last 99 are kept."""
    if len(raw) > MAX_VALUE:
        defects.note("header-cut", name)
    text = charset.one_line(charset.guess(unfold(raw[:MAX_VALUE])))
    found: dict[str, None] = {}
    for match in _BRACKETED.finditer(text):
        inner = "".join(match[1].split())
        if len(inner.encode()) > MAX_ID:
            defects.note("message-id-too-long", name)
        elif inner:
            found[f"<{inner}>"] = None
    ids = tuple(found)
    if len(ids) > MAX_REFERENCES:
        defects.note("references-cut", name)
        ids = (ids[0], *ids[1 - MAX_REFERENCES :])
    return ids


def message_id(raw: bytes, defects: Defects) -> str | None:
    """The Message-ID with its brackets; added where a mailer forgot them, None where nothing usable is there."""
    ids = message_ids(raw, "Message-ID", defects)
    if ids:
        if len(ids) > 1:
            defects.note("several-message-ids")
        return ids[0]
    words = charset.one_line(charset.guess(unfold(raw[:MAX_VALUE]))).strip("<> ").split()
    if not words or len(words[0].encode()) > MAX_ID:
        defects.note("message-id-unreadable")
        return None
    defects.note("message-id-without-brackets")
    return f"<{words[0]}>"


def date(raw: bytes, defects: Defects) -> datetime | None:
    """The Date header in UTC; None, with a defect, when it is no date or outside the years 1900 to 9998.

    A date without a zone, or with `-0000`, is taken as UTC (RFC 5322 §3.3).
    """
    text = charset.one_line(charset.guess(unfold(raw)[:200]))
    try:
        parsed = parsedate_to_datetime(text)
        parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        defects.note("date-unreadable", text)
        return None
    if parsed.year not in _YEARS:
        defects.note("date-out-of-range", text)
        return None
    return parsed
