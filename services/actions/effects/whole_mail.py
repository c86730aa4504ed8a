"""A raw mail as its text and its files: what Odoo's own gateway puts into a chatter, bounded.

The HTML of `multipart/alternative` wins over its text (RFC 2046 §5.1.4); what is no text to be shown is a file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message

from services.actions.effects.odoo_text import as_html
from services.actions.effects.shown_html import shown_html
from services.actions.event_text import flat

MAX_BOUNDARIES = 2_000
MAX_DEPTH = 20
MAX_FILES = 20
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_TEXT = 100_000
MAX_NAME = 150
_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"}
MAX_SHOWN = 300_000


class UnreadableMailError(ValueError):
    """What it says is for people."""


@dataclass(frozen=True, slots=True)
class MailFile:
    """An attachment. `cid`: by which the mail's HTML names it, without angle brackets (RFC 2392)."""

    name: str
    content_type: str
    content: bytes
    cid: str = ""


@dataclass(slots=True)
class WholeMail:
    """`html` is sanitized. `left_out`: names of files that are too many or too large to copy.

    `too_large`: some of its text is not shown.
    """

    html: str = ""
    files: list[MailFile] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    too_large: bool = False


def whole_mail(raw: bytes) -> WholeMail:
    """Raises UnreadableMailError."""
    if raw.count(b"\n--") > MAX_BOUNDARIES:
        raise UnreadableMailError("it has too many parts")
    found = WholeMail()
    try:
        pieces = list(_pieces(message_from_bytes(raw, policy=policy.compat32), found, 0))
    except Exception as error:
        # The stdlib's parser fails in many ways on mail that is broken on purpose.
        raise UnreadableMailError("its parts cannot be read") from error
    for _, html in pieces:
        if len(found.html) + len(html) > MAX_SHOWN:
            found.too_large = True
            break
        found.html += html
    return found


def _pieces(part: Message, found: WholeMail, depth: int) -> Iterator[tuple[bool, str]]:
    """What is shown, in order, each with whether it was HTML; files go to `found`."""
    if depth > MAX_DEPTH:
        raise UnreadableMailError("its parts lie too deep in one another")
    kind = part.get_content_type()
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        several = [list(_pieces(each, found, depth + 1)) for each in _held(part)]
        if kind == "multipart/alternative":
            yield from _best(several)
        else:
            for each in several:
                yield from each
    elif kind in ("text/plain", "text/html") and not _is_file(part):
        yield kind == "text/html", _shown(part, kind, found)
    else:
        _keep(part, found)


def _best(several: list[list[tuple[bool, str]]]) -> list[tuple[bool, str]]:
    """The last one with HTML, else the first that says anything."""
    rich = [each for each in several if any(is_html and html for is_html, html in each)]
    plain = [each for each in several if any(html for _, html in each)]
    return rich[-1] if rich else plain[0] if plain else []


def _shown(part: Message, kind: str, found: WholeMail) -> str:
    text = _text(part)
    if kind == "text/plain":
        found.too_large = found.too_large or len(text) > MAX_TEXT
        return as_html(text, MAX_TEXT)
    html = shown_html(text)
    found.too_large = found.too_large or html is None
    return html or ""


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _text(part: Message) -> str:
    charset = (part.get_content_charset() or "utf-8").replace("_", "-")
    content = _content(part)
    try:
        name = codecs.lookup(charset).name if charset not in _NO_CHARSETS else "utf-8"
        return content.decode("utf-8" if name.replace("_", "-") in _NO_CHARSETS else name, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _content(part: Message) -> bytes:
    if part.is_multipart():
        return b"\n".join(each.as_bytes() for each in _held(part))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _held(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _keep(part: Message, found: WholeMail) -> None:
    name = _name(part)
    room = MAX_FILE_BYTES - sum(len(each.content) for each in found.files)
    content = _content(part) if len(found.files) < MAX_FILES else b""
    if len(found.files) == MAX_FILES or len(content) > room:
        found.left_out.append(name)
    elif content:
        cid = str(part.get("Content-ID") or "").strip().strip("<>")
        found.files.append(MailFile(name, part.get_content_type(), content, cid))


def _name(part: Message) -> str:
    given = part.get_filename()
    if given:
        try:
            given = str(make_header(decode_header(given)))
        except Exception:
            # Charsets that do not exist, broken base64: the name stays as it is written.
            given = str(given)
        # What is before a slash is a folder of the sender's.
        return flat(given.replace("\\", "/").rpartition("/")[2], MAX_NAME) or "attachment"
    return {"message": "mail.eml", "text": "text.txt"}.get(part.get_content_maintype(), "attachment")
