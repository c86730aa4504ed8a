"""One raw mail to its facts, however broken it is. `fast.py` gives the same for most mails that are well-formed."""

from collections.abc import Mapping
from datetime import datetime

from schemas.automatic import header_signal, sender_signals
from schemas.mail import MAX_HEADERS, Address
from services.ingest.parse.addresses import parse_addresses
from services.ingest.parse.content import attachments, excerpt
from services.ingest.parse.defects import Defects
from services.ingest.parse.identifiers import date, message_id, message_ids
from services.ingest.parse.lines import Block, fields, lf_lines, message_block
from services.ingest.parse.parsed import ParsedMail
from services.ingest.parse.structure import PART_FIELDS, Walk
from services.ingest.parse.words import header_text

MAX_FIELDS = 2_000
MAX_RAW_VALUE = 128 * 1024
MAX_HEADER_NAME = 100
MAX_HEADER_CHARS = 2_000
MAX_HEADERS_CHARS = 64 * 1024
MAX_SUBJECT = 2_000
_ONCE = frozenset(("from", "to", "cc", "reply-to", "subject", "date", "message-id", "references", "in-reply-to"))


def parse_carefully(raw: bytes) -> ParsedMail:
    """Read a mail, however broken. Never fails on any bytes; time and result are bounded by the size."""
    defects = Defects()
    lines = lf_lines(raw)
    block = message_block(lines)
    _note_shape(lines, block, defects)
    listed = _listed(lines, block, defects)
    first = _by_name(listed, defects)
    parts = Walk(lines, defects).leaves({name: first[name] for name in PART_FIELDS if name in first}, block.body)
    shown, signals = _texts(listed, defects)
    senders = _addresses(first, "From", defects)
    if not senders:
        defects.note("sender-missing")
    return ParsedMail(
        message_id=_message_id(first, defects),
        sender=senders[0] if senders else None,
        to=_addresses(first, "To", defects),
        cc=_addresses(first, "Cc", defects),
        reply_to=_addresses(first, "Reply-To", defects),
        subject=header_text(first.get("subject", b"")[: 4 * MAX_SUBJECT], "Subject", defects)[:MAX_SUBJECT],
        date=_date(first, defects),
        in_reply_to=message_ids(first.get("in-reply-to", b""), "In-Reply-To", defects),
        references=message_ids(first.get("references", b""), "References", defects),
        headers=shown,
        excerpt=excerpt(lines, parts, defects),
        attachments=attachments(lines, parts, defects),
        automatic=_automatic(signals, first, senders, defects),
        defects=defects.list(),
    )


def _note_shape(lines: bytes, block: Block, defects: Defects) -> None:
    if block.start == block.end:
        defects.note("no-header")
    elif not block.separated and block.end < len(lines):
        defects.note("header-not-ended")
    if b"\0" in lines[block.start : block.end]:
        defects.note("nul-bytes")


def _listed(lines: bytes, block: Block, defects: Defects) -> list[tuple[str, bytes]]:
    listed: list[tuple[str, bytes]] = []
    for item in fields(lines, block, MAX_RAW_VALUE):
        if len(listed) == MAX_FIELDS:
            defects.note("too-many-headers", MAX_FIELDS)
            break
        listed.append(item)
    return listed


def _by_name(listed: list[tuple[str, bytes]], defects: Defects) -> dict[str, bytes]:
    """The first value of each name; of the address lists that mailers repeat, all together."""
    first: dict[str, bytes] = {}
    for name, value in listed:
        lower = name.lower()
        if lower not in first:
            first[lower] = value
        elif lower in _ONCE:
            defects.note("repeated-header", name)
            if lower in ("to", "cc") and len(first[lower]) < MAX_RAW_VALUE:
                first[lower] += b"," + value
    return first


def _texts(listed: list[tuple[str, bytes]], defects: Defects) -> tuple[tuple[tuple[str, str], ...], dict[str, None]]:
    """The headers as bounded text, and the signals of automatic mail among all of them."""
    shown: list[tuple[str, str]] = []
    signals: dict[str, None] = {}
    budget = MAX_HEADERS_CHARS
    for name, value in listed:
        text = ""
        if len(shown) < MAX_HEADERS and budget > 0:
            text = header_text(value[: 4 * MAX_HEADER_CHARS], name, defects)[: min(MAX_HEADER_CHARS, budget)]
            if len(value) > 4 * MAX_HEADER_CHARS:
                defects.note("header-cut", name)
            shown.append((name[:MAX_HEADER_NAME], text))
            budget -= len(text)
        else:
            defects.note("headers-cut", len(listed))
        signal = header_signal(name.lower(), text or value[:200].decode("latin-1"))
        if signal is not None:
            signals[signal] = None
    return tuple(shown), signals


def _addresses(first: Mapping[str, bytes], name: str, defects: Defects) -> tuple[Address, ...]:
    raw = first.get(name.lower())
    return parse_addresses(raw, name, defects) if raw else ()


def _message_id(first: Mapping[str, bytes], defects: Defects) -> str | None:
    if "message-id" not in first:
        defects.note("message-id-missing")
        return None
    return message_id(first["message-id"], defects)


def _date(first: Mapping[str, bytes], defects: Defects) -> datetime | None:
    if "date" not in first:
        defects.note("date-missing")
        return None
    return date(first["date"], defects)


def _automatic(
    signals: dict[str, None], first: Mapping[str, bytes], senders: tuple[Address, ...], defects: Defects
) -> tuple[str, ...]:
    found = dict(signals)
    for address in (*senders[:1], *_addresses(first, "Sender", defects), *_addresses(first, "Return-Path", defects)):
        found.update(dict.fromkeys(sender_signals(address.address)))
    return tuple(found)
