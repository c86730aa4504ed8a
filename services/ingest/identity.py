"""The content digest that an event's id is made from. It depends on no parser and on nothing added on the way.

Definition, so that anyone can compute it again:

1. Line ends: a leading UTF-8 byte order mark is dropped, every CRLF becomes LF, then every remaining CR becomes LF.
2. Header: if the first line starts with `From ` or `>From ` (mbox) it is dropped. Then, if the next line is a field
   (one or more bytes of 33 to 126 without colon, optional spaces and tabs, a colon), the header is that line and all
   following lines that are fields or start with a space or tab; else the header is empty. If the line after the header
   is empty it is dropped. Everything after that is the body; no such line: the body is empty.
3. For each of `message-id`, `from`, `date`, `subject`, in this order: the first field of that name (case-insensitive).
   Its value is what follows the colon, its continuation lines included, with every run of spaces, tabs and LFs made
   one space, and then one space removed at either end. Later fields of the same name do not count. This is the
   "relaxed" header form of DKIM (RFC 6376 §3.4.2).
4. SHA-256 over: for each of the four that is present, name `:` value LF; then LF; then the body. In lower-case hex.

A field that is missing adds nothing, which differs from one that is empty (`date:` LF).
"""

import hashlib
import re
from uuid import UUID

from schemas import ids
from services.ingest.parse.lines import BOM, message_block

_NAMES = (b"message-id", b"from", b"date", b"subject")
_IDENTIFYING = re.compile(rb"^(" + b"|".join(_NAMES) + rb")[ \t]*:", re.MULTILINE | re.IGNORECASE)
_VALUE_END = re.compile(rb"\n(?![ \t])")
_BLANKS = bytes.maketrans(b"\t\n", b"  ")


def hosted_event_id(mailbox: str, identity: str) -> UUID:
    """The event of a message that is another system's record, such as `odoo://database/mail.message/12`.

    Of each mailbox that shows it, since each has rules of its own; whether it arrived or was sent makes no difference,
    so that a message never becomes two events where Odoo's view of that changes.
    """
    return ids.event_id("", mailbox, identity)


def content_digest(raw: bytes) -> str:
    """SHA-256 in hex of what makes a mail this mail, as the module says. Never fails; linear in the size."""
    lines = raw.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    block = message_block(lines)
    found: dict[bytes, bytes] = {}
    for match in _IDENTIFYING.finditer(lines, block.start, block.end):
        name = match[1].lower()
        if name not in found:
            end = _VALUE_END.search(lines, match.end(), block.end)
            value = lines[match.end() : end.start() if end else block.end]
            found[name] = _relaxed(value)
            if len(found) == len(_NAMES):
                break
    digest = hashlib.sha256(b"".join(name + b":" + found[name] + b"\n" for name in _NAMES if name in found))
    digest.update(b"\n")
    digest.update(memoryview(lines)[block.body :])
    return digest.hexdigest()


def _relaxed(value: bytes) -> bytes:
    """Each pass halves the longest run of blanks, so that millions of folds take no longer than as many letters."""
    line = value.translate(_BLANKS).strip(b" ")
    while b"  " in line:
        line = line.replace(b"  ", b" ")
    return line
