"""Well-formed mail to its facts, in a fraction of the time that careful reading takes.

Only shapes are read here for which it is plain that careful reading gives the same: a header of US-ASCII fields without
controls, parts that are opened and closed as RFC 2046 has it, and nothing that is a defect. For all else the answer is
None. What is decoded at all is decoded by the functions of the careful way; tests compare the two on all their mail.
"""

import itertools
import re
from collections.abc import Mapping, Sequence

from schemas.automatic import SIGNAL_HEADERS, header_signal
from schemas.mail import MAX_HEADERS
from services.ingest.parse import charset
from services.ingest.parse.defects import Defects
from services.ingest.parse.parsed import ParsedMail
from services.ingest.parse.plain_parts import files_of, parts_of, text_of, unfolded
from services.ingest.parse.plain_values import NOBODY, People, plain_date, plain_ids, plain_people
from services.ingest.parse.structure import PART_FIELDS
from services.ingest.parse.words import decode_words

MAX_HEAD = 32 * 1024
MAX_HEADER_CHARS = 2_000
MAX_LEADING = 8
"""Blanks before a value that are skipped here. More are rare, and count where a value is bounded."""
_FIELD = re.compile(rf"^([!-9;-~]{{1,100}}): {{0,{MAX_LEADING}}}(?! )(.{{0,{MAX_HEADER_CHARS}}})\n", re.MULTILINE)
_TABS = re.compile(r"\t+")
_ONCE = frozenset(("from", "to", "cc", "reply-to", "subject", "date", "message-id", "references", "in-reply-to"))
_PEOPLE = ("from", "to", "cc", "reply-to", "sender", "return-path")
Shown = tuple[tuple[str, str], ...]


def parse_fast(raw: bytes) -> ParsedMail | None:
    """The facts of a well-formed mail; None for every other. Time is linear in the size, as is that of giving up."""
    eol = b"\r\n" if raw[: raw.find(b"\n") + 1].endswith(b"\r\n") else b"\n"
    end = raw.find(eol + eol, 0, MAX_HEAD)
    block = unfolded(raw[: end + len(eol)]) if end > 0 else None
    if block is None:
        return None
    listed: list[tuple[str, str]] = _FIELD.findall(block)
    if " \n" in block or "\t" in block:
        listed = [(name, value.strip()) for name, value in listed]
    names = [name.lower() for name, _ in listed]
    first = {name: field[1] for name, field in zip(names[::-1], listed[::-1], strict=True)}
    if len(listed) != block.count("\n") or len(listed) > MAX_HEADERS or not _once(names, first):
        return None
    defects = Defects()
    headers = _texts(listed, defects) if "=?" in block or "\t" in block else tuple(listed)
    parts = parts_of(raw, tuple(map(first.get, PART_FIELDS)), end, eol)
    if not parts or (people := _people(first)) is None or (named := _named(first)) is None:
        return None
    excerpt, files, when = text_of(raw, parts, defects), files_of(raw, parts), plain_date(first.get("date", ""))
    automatic = _automatic(names, headers)
    if excerpt is None or files is None or when is None or automatic is None or defects.list():
        return None
    subject = headers[names.index("subject")][1] if "subject" in first else ""
    senders, to, cc, reply_to, agents, paths = people
    own, in_reply_to, references = named
    if any(senders.signals[0]) or any(agents.signals) or any(paths.signals):
        by_address = itertools.chain(senders.signals[0], *agents.signals, *paths.signals)
        automatic = tuple(dict.fromkeys((*automatic, *by_address)))
    return ParsedMail(
        own, senders.addresses[0], to.addresses, cc.addresses, reply_to.addresses, subject, when,
        in_reply_to, references, headers, excerpt, files, automatic,
    )  # fmt: skip


def _people(first: Mapping[str, str]) -> list[People] | None:
    found = [plain_people(first[name]) if name in first else NOBODY for name in _PEOPLE]
    complete = [each for each in found if each is not None]
    return complete if len(complete) == len(found) and complete[0].addresses else None


def _named(first: Mapping[str, str]) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    own = plain_ids(first.get("message-id", ""), "Message-ID")
    answered = plain_ids(first["in-reply-to"], "In-Reply-To") if "in-reply-to" in first else ()
    references = plain_ids(first["references"], "References") if "references" in first else ()
    if own is None or len(own) != 1 or answered is None or references is None:
        return None
    return own[0], answered, references


def _once(names: Sequence[str], first: Mapping[str, str]) -> bool:
    """Whether no header is repeated that makes one wonder which counts."""
    if len(first) == len(names):
        return True
    found = [name for name in names if name in _ONCE]
    return len(found) == len(set(found))


def _texts(listed: Sequence[tuple[str, str]], defects: Defects) -> Shown:
    return tuple([
        field if "=?" not in field[1] and "\t" not in field[1] else (field[0], _text(field[1], defects))
        for field in listed
    ])  # fmt: skip


def _text(value: str, defects: Defects) -> str:
    if "=?" in value:
        return charset.one_line(decode_words(value, defects))[:MAX_HEADER_CHARS]
    return _TABS.sub(" ", value)


def _automatic(names: Sequence[str], headers: Shown) -> tuple[str, ...] | None:
    """The signals of automatic mail that headers give."""
    found: dict[str, None] = {}
    for name, (_, text) in zip(names, headers, strict=True):
        if name in SIGNAL_HEADERS or name.startswith("list-"):
            if not text:
                return None
            signal = header_signal(name, text)
            if signal is not None:
                found[signal] = None
    return tuple(found)
