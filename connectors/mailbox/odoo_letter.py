"""A message of Odoo as the mail that it was or would be (RFC 5322): what every other kind of mailbox gives.

Odoo keeps a mail as a record and throws its headers away, so these lines are made from the record: the same record
gives the same bytes. Text beyond ASCII is written as encoded words (RFC 2047), the body is HTML in UTF-8.
"""

import re
from collections.abc import Iterable
from email.header import Header
from email.utils import format_datetime, getaddresses
from typing import Final

from connectors.mailbox.odoo_reading import Letter, Person
from connectors.mailbox.odoo_window import moment

_BLANKS: Final = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")
_SPECIAL: Final = re.compile(r'(["\\])')
_ESCAPE: Final = r"\\\1"
_LONGEST: Final = 20_000


def as_mail(letter: Letter, *, sent: bool) -> bytes:
    """The whole mail, with CRLF ends."""
    row = letter.row
    date = moment(row.get("date")) or moment(row.get("create_date"))
    references = dict.fromkeys(each for each in (letter.root, letter.answered) if each and each != row["message_id"])
    to = _addresses(row.get("incoming_email_to")) or _listed(letter.to)
    lines = [
        ("Message-ID", _flat(row["message_id"])),
        ("Date", format_datetime(date) if date else ""),
        ("From", _sender(letter)),
        ("To", to),
        ("Cc", _addresses(row.get("incoming_email_cc"))),
        # Of mail that came in, Odoo's reply_to is where Odoo wants answers to go, not what the sender asked for.
        ("Reply-To", _addresses(row.get("reply_to")) if sent else ""),
        ("Subject", _encoded(row["subject"])),
        ("In-Reply-To", _flat(letter.answered or letter.root)),
        ("References", " ".join(map(_flat, references))),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    header = "".join(f"{name}: {value}\r\n" for name, value in lines if value)
    body = str(row.get("body") or "").replace("\r\n", "\n").replace("\n", "\r\n")
    return f"{header}\r\n{body}".encode("utf-8", "replace")


def _sender(letter: Letter) -> str:
    given = _addresses(letter.row["email_from"])
    return given or _listed(() if letter.author is None else (letter.author,))


def _addresses(text: object) -> str:
    """A list of addresses as Odoo holds it, written anew."""
    flat = _flat(text)
    try:
        found = getaddresses([flat])
    except Exception:
        # The stdlib's reader of addresses fails on comments that are nested too deep.
        found = []
    return _listed((name, address) for name, address in found if address) or (flat if flat.isascii() else _word(flat))


def _listed(people: Iterable[Person | tuple[str, str]]) -> str:
    pairs = (each if isinstance(each, tuple) else (each.name, each.email) for each in people)
    return ",\r\n ".join(_address(_flat(name), _flat(email)) for name, email in pairs if email.strip())


def _address(name: str, email: str) -> str:
    if not name or "<" in email:
        return email
    return f'"{_SPECIAL.sub(_ESCAPE, name)}" <{email}>' if _plain(name) else f"{_word(name)} <{email}>"


def _encoded(text: object) -> str:
    flat = _flat(text)
    return flat if _plain(flat) else _word(flat)


def _plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _word(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=76).encode(linesep="\r\n")


def _flat(text: object) -> str:
    """One line without control characters, bounded, and without what no encoding can write."""
    clean = str(text or "").encode("utf-8", "replace").decode()
    return _BLANKS.sub(" ", clean[:_LONGEST]).strip()
