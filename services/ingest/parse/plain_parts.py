"""The parts of well-formed mail, found and read without copying line ends that nobody asks for.

As in `plain_values`: what is given is what the careful way gives, or None where that is not plain.
"""

import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from schemas.mail import MAX_ATTACHMENTS, MAX_EXCERPT_CHARS, Attachment
from services.ingest.parse import charset
from services.ingest.parse.content import (
    IDENTITY,
    MAX_NAME,
    MAX_PLAIN_BYTES,
    MAX_TRIES,
    decoded_size,
    file_name,
    is_attachment,
    preference,
)
from services.ingest.parse.defects import Defects
from services.ingest.parse.html import strip_html
from services.ingest.parse.structure import MAX_BOUNDARY, PART_FIELDS, content_type_of, leaf_of
from services.ingest.parse.words import lenient_base64

MAX_DEPTH = 4
MAX_PARTS = 50
MAX_PART_HEAD = 4_000
SHORT = 300
"""Bytes of a part's header up to which it is remembered: the same few come with nearly every mail."""
_FIELD = re.compile(r"^([!-9;-~]+):(.*)\n", re.MULTILINE)
_MULTIPART = re.compile(
    r"(multipart/[a-z]{3,20});[ \t]*boundary=(?:\"([\w'()+,./:=-]{1,70})\"|([\w'()+,./:=-]{1,70}))", re.ASCII
)
Headers = tuple[str | None, ...]


class Shape(NamedTuple):
    """What the header of a part says. `boundary`: of a multipart; the rest is of a leaf."""

    kind: str
    boundary: bytes = b""
    charset: str = ""
    encoding: str = ""
    is_text: bool = False
    is_file: bool = False
    name: str = ""
    rank: int = 0
    """Which text is shown rather than another: the smallest."""


Leaf = tuple[Shape, int, int]
"""A part that is no multipart, and where its content begins and ends in the raw mail."""


def parts_of(raw: bytes, headers: Headers, end: int, eol: bytes) -> list[Leaf] | None:
    """The leaves of a mail. `headers`: its PART_FIELDS, None for those it lacks; `end`: where its header ends."""
    shape = _shape(headers, "")
    start = end + 2 * len(eol)
    if shape is None or not shape.boundary:
        return shape and [(shape, start, len(raw))]
    found: list[Leaf] = []
    return found if _split(raw, (start, len(raw)), shape, eol, found) else None


def _split(raw: bytes, place: tuple[int, int], outer: Shape, eol: bytes, found: list[Leaf], depth: int = 0) -> bool:
    """Add the leaves of one multipart; False where it is not plain which they are."""
    delimiter = b"\n--" + outer.boundary
    position = place[0] - 1
    pieces = raw[position : place[1]].split(delimiter)
    if not 2 < len(pieces) < MAX_PARTS or depth == MAX_DEPTH or not _closes(pieces[-1]):
        return False
    position += len(pieces[0])
    for piece in pieces[1:-1]:
        start, position = position + len(delimiter), position + len(delimiter) + len(piece)
        if not piece.startswith(eol):
            return False
        closed = piece.find(eol + eol)
        shape = _part_shape(piece[len(eol) : closed + len(eol)] if closed else b"", outer.kind) if closed >= 0 else None
        if shape is None:
            return False
        place = start + closed + 2 * len(eol), position - piece.endswith(b"\r")
        if not shape.boundary:
            found.append((shape, *place))
        elif not _split(raw, place, shape, eol, found, depth + 1):
            return False
    return True


def _closes(piece: bytes) -> bool:
    return piece == b"--" or piece.startswith((b"--\n", b"--\r\n"))


def unfolded(head: bytes) -> str | None:
    """Header lines, each with its end, as text with one field a line; None unless all of it is plain US-ASCII."""
    lines = head.translate(None, charset.CONTROLS)
    if len(head) - len(lines) != head.count(b"\r\n") or not lines.isascii() or b"\n\n" in lines:
        return None
    return lines.decode("ascii").replace("\n ", " ").replace("\n\t", "\t")


def _part_shape(head: bytes, parent: str) -> Shape | None:
    return _remembered_head(head, parent) if len(head) <= SHORT else _head_shape(head, parent)


def _head_shape(head: bytes, parent: str) -> Shape | None:
    block = unfolded(head) if len(head) <= MAX_PART_HEAD else None
    if block is None:
        return None
    listed = _FIELD.findall(block)
    first = {name.lower(): value.strip() for name, value in reversed(listed)}
    return _shape(tuple(map(first.get, PART_FIELDS)), parent) if len(listed) == block.count("\n") else None


_remembered_head = lru_cache(maxsize=1024)(_head_shape)


def _shape(headers: Headers, parent: str) -> Shape | None:
    kind = headers[0]
    if kind is not None and (found := _MULTIPART.fullmatch(kind)):
        return Shape(found[1], (found[2] or found[3]).encode())
    short = sum(len(value) for value in headers if value) <= SHORT
    return _remembered(headers, parent) if short else _read(headers, parent)


def _read(headers: Headers, parent: str) -> Shape | None:
    defects = Defects()
    raw = {name: value.encode() for name, value in zip(PART_FIELDS, headers, strict=True) if value is not None}
    kind = content_type_of(raw, parent, defects)
    if kind.value.startswith("multipart/"):
        boundary = kind.parameters.get("boundary", "")
        usable = 0 < len(boundary) <= MAX_BOUNDARY and not defects.list()
        return Shape(kind.value, boundary.encode("utf-8", "replace")) if usable else None
    part = leaf_of(raw, kind, parent, (0, 0), defects)
    if defects.list():
        return None
    declared = kind.parameters.get("charset", "")
    is_file = is_attachment(part)
    is_text = kind.value.startswith("text/") and not is_file
    return Shape(kind.value, b"", declared, part.encoding, is_text, is_file, file_name(part), preference(kind.value))


_remembered = lru_cache(maxsize=1024)(_read)


def text_of(raw: bytes, parts: Sequence[Leaf], defects: Defects) -> str | None:
    """The excerpt."""
    texts = [leaf for leaf in parts if leaf[0].is_text]
    if len(texts) > 1 and len({leaf[0].rank for leaf in texts}) > 1:
        texts.sort(key=lambda leaf: leaf[0].rank)
    for shape, start, end in texts[:MAX_TRIES]:
        text = _text(raw[start:end], shape, defects)
        if text is None:
            return None
        if found := text.strip()[:MAX_EXCERPT_CHARS]:
            return found
    return ""


def _text(data: bytes, shape: Shape, defects: Defects) -> str | None:
    if len(data) > MAX_PLAIN_BYTES:
        return None
    if shape.kind != "text/html" and (text := _clean(data, shape)) is not None:
        return text
    found = _decoded(data, shape.encoding)
    if found is None or b"\0" in found:
        return None
    text = charset.decode(found, shape.charset, defects)
    return charset.many_lines(strip_html(text, MAX_EXCERPT_CHARS) if shape.kind == "text/html" else text)


def _clean(data: bytes, shape: Shape) -> str | None:
    """The text where it is in US-ASCII or UTF-8, without controls but LF, TAB and the CR of CRLF; else None."""
    if shape.encoding == "quoted-printable":
        if data.count(b"=\r") != data.count(b"=\r\n"):
            return None
        data = binascii.a2b_qp(data)
    elif shape.encoding not in IDENTITY:
        return None
    kept = data.translate(None, charset.CONTROLS)
    if len(data) - len(kept) != data.count(b"\r\n"):
        return None
    if kept.isascii():
        return kept.decode("ascii") if charset.is_ascii_based(shape.charset) else None
    return charset.clean_utf8(kept) if charset.codec(shape.charset) == "utf-8" else None


def _decoded(data: bytes, encoding: str) -> bytes | None:
    """Without transfer encoding, with LF line ends; None where it is not clean."""
    if returns := data.count(b"\r"):
        if returns != data.count(b"\r\n"):
            return None
        data = data.translate(None, b"\r")
    if encoding in IDENTITY:
        return data
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    decoded, clean = lenient_base64(data) if encoding == "base64" else (b"", False)
    return decoded if clean else None


def files_of(raw: bytes, parts: Sequence[Leaf]) -> tuple[Attachment, ...] | None:
    """The attachments."""
    found: list[Attachment] = []
    for shape, start, end in parts:
        if shape.is_file:
            ends, crlf, equals = (raw.count(sign, start, end) for sign in (b"\n", b"\r\n", b"="))
            if raw.count(b"\r", start, end) != crlf:
                return None
            size = decoded_size(shape.encoding, end - start - crlf, ends, equals)
            found.append(Attachment(name=shape.name, content_type=shape.kind[:MAX_NAME], size=size))
    return tuple(found) if len(found) <= MAX_ATTACHMENTS else None
