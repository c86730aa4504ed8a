"""The variables of texts (schemas/text_template.py), filled in from the mail. The one place that makes their values.

Values are the sender's: bounded, on one line, without control characters. Where the text goes decides on escaping.
"""

import unicodedata
from collections.abc import Callable

from schemas.mail import MailFacts
from schemas.text_template import filled

MAX_VALUE = 500
_BLANK = {"Cc", "Zl", "Zp"}
"""Control characters, and the separators of lines and paragraphs (Unicode general categories)."""


def values_of(event: MailFacts) -> dict[str, str]:
    """Each of VARIABLES."""
    address = event.sender.address if event.sender else ""
    received = event.received_at
    return {
        "subject": flat(event.subject) or "(no subject)",
        "sender_name": flat(event.sender.name if event.sender else "") or flat(address) or "unknown",
        "sender_address": flat(address) or "unknown",
        "mailbox": flat(event.mailbox),
        "received_date": received.strftime("%Y-%m-%d"),
        "received_time": received.strftime("%H:%M"),
    }


def fill(template: str, event: MailFacts, escape: Callable[[str], str] = str) -> str:
    """The template with the mail's values."""
    return filled(template, values_of(event), escape)


def flat(text: str, limit: int = MAX_VALUE) -> str:
    """One line: runs of blanks become one space, control characters too; at most `limit` characters."""
    shown = text[: 4 * limit]  # only so much is looked at: a subject may be a megabyte
    if not shown.isprintable():
        shown = "".join([" " if unicodedata.category(char) in _BLANK else char for char in shown])
    line = " ".join(shown.split()).encode("utf-8", "replace").decode()
    return line if len(line) <= limit else line[: limit - 1] + "…"
