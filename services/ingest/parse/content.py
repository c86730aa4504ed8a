"""What the leaves of a message hold: the excerpt of its text, and its attachments. Bounded, whatever their size."""

import binascii

from schemas.mail import MAX_ATTACHMENTS, MAX_EXCERPT_CHARS, Attachment
from services.ingest.parse import charset
from services.ingest.parse.defects import Defects
from services.ingest.parse.html import strip_html
from services.ingest.parse.structure import Part
from services.ingest.parse.words import lenient_base64

MAX_PLAIN_BYTES = 64 * 1024
MAX_HTML_BYTES = 512 * 1024
MAX_TRIES = 5
MAX_NAME = 255
IDENTITY = ("", "7bit", "8bit", "binary")


def is_attachment(part: Part) -> bool:
    """A part is a file by its disposition, its file name or its type; pictures shown inside HTML are none."""
    if part.disposition.value == "attachment":
        return True
    kind = part.content_type.value
    if part.parent == "multipart/related" and part.has_content_id and kind.startswith("image/"):
        return False
    return bool(file_name(part)) or not kind.startswith("text/")


def attachments(lines: bytes, parts: list[Part], defects: Defects) -> tuple[Attachment, ...]:
    """The first 100 attachments."""
    found = [part for part in parts if is_attachment(part)]
    if len(found) > MAX_ATTACHMENTS:
        defects.note("attachments-cut", len(found))
    return tuple(
        Attachment(
            name=file_name(part), content_type=part.content_type.value[:MAX_NAME], size=_decoded_size(lines, part)
        )
        for part in found[:MAX_ATTACHMENTS]
    )


def excerpt(lines: bytes, parts: list[Part], defects: Defects) -> str:
    """The beginning of the first text that is not blank: plain text first, then HTML, then any other text type."""
    texts = [part for part in parts if part.content_type.value.startswith("text/") and not is_attachment(part)]
    texts.sort(key=lambda part: preference(part.content_type.value))
    for part in texts[:MAX_TRIES]:
        if found := _text(lines, part, defects).strip()[:MAX_EXCERPT_CHARS]:
            return found
    return ""


def preference(kind: str) -> int:
    """Which text is shown rather than another: the smallest."""
    return {"text/plain": 0, "text/html": 1}.get(kind, 2)


def _text(lines: bytes, part: Part, defects: Defects) -> str:
    is_html = part.content_type.value == "text/html"
    limit = MAX_HTML_BYTES if is_html else MAX_PLAIN_BYTES
    data = _decoded(lines[part.start : min(part.end, part.start + limit)], part.encoding, defects)
    if b"\0" in data and not part.content_type.parameters.get("charset", "").lower().startswith("utf-"):
        defects.note("nul-bytes")
    declared = part.content_type.parameters.get("charset", "")
    text = charset.decode(data, declared, defects, partial=part.end - part.start > limit)
    return charset.many_lines(strip_html(text, MAX_EXCERPT_CHARS) if is_html else text)


def _decoded(data: bytes, encoding: str, defects: Defects) -> bytes:
    if encoding == "base64":
        decoded, clean = lenient_base64(data)
        if not clean:
            defects.note("bad-base64")
        return decoded
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding not in IDENTITY:
        defects.note("unknown-encoding", encoding)
    return data


def _decoded_size(lines: bytes, part: Part) -> int:
    ends, equals = (lines.count(sign, part.start, part.end) for sign in (b"\n", b"="))
    return decoded_size(part.encoding, part.end - part.start, ends, equals)


def decoded_size(encoding: str, size: int, line_ends: int, equals: int) -> int:
    """Exact for well-formed parts, without decoding them: from how many bytes, LFs and `=` they have."""
    if encoding == "base64":
        return (size - line_ends - equals) * 3 // 4
    return max(0, size - 2 * equals) if encoding == "quoted-printable" else size


def file_name(part: Part) -> str:
    """The name that a part has as a file, without any folder; empty without one."""
    name = part.disposition.parameters.get("filename") or part.content_type.parameters.get("name") or ""
    return name.replace("\\", "/").rsplit("/", 1)[-1][:MAX_NAME].strip()
