"""Structured header values (`text/plain; charset=…`), with RFC 2231 continuations and what mailers do instead."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from services.ingest.parse import charset
from services.ingest.parse.defects import Defects
from services.ingest.parse.words import decode_words, raw_text, unfold

MAX_VALUE = 8_192
MAX_PARAMETERS = 100
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))')
_ESCAPED = re.compile(r"\\(.)")
_SEGMENT = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")


@dataclass(frozen=True, slots=True)
class Structured:
    """A lower-case main value and its parameters, names in lower case."""

    value: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_structured(raw: bytes, name: str, defects: Defects) -> Structured:
    """Read a Content-Type, Content-Disposition or the like. Only its first 8 KB and 100 parameters count."""
    if len(raw) > MAX_VALUE:
        defects.note("header-cut", name)
    text = raw_text(unfold(raw[:MAX_VALUE]), name, defects)
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(text)):
        if count == MAX_PARAMETERS:
            defects.note("too-many-parameters", name)
            break
        key, value = match[1].lower(), match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        segment = _SEGMENT.fullmatch(key)
        if segment is None:
            plain.setdefault(key, decode_words(value, defects))
        else:
            number, encoded = int(segment[2] or 0), segment[2] is None or segment[3] is not None
            segments.setdefault(segment[1], {}).setdefault(number, (value, encoded))
    joined = {key: _join(parts, defects) for key, parts in segments.items()}
    cleaned = {key: charset.one_line(value) for key, value in {**plain, **joined}.items()}
    return Structured(charset.one_line(text.partition(";")[0]).lower(), cleaned)


def _join(parts: dict[int, tuple[str, bool]], defects: Defects) -> str:
    """Put RFC 2231 segments together: `charset'language'percent-encoded`, the first one naming the charset."""
    data, name = bytearray(), ""
    for index, (number, (value, encoded)) in enumerate(sorted(parts.items())):
        if number != index:
            defects.note("parameter-segment-missing")
        if not encoded:
            data += value.encode("utf-8", "replace")
            continue
        if index == 0 and value.count("'") >= 2:
            name, _, value = value.split("'", 2)  # noqa: PLW2901 - the rest of this segment is the value
        data += unquote_to_bytes(value)
    return charset.decode(bytes(data), name or "utf-8", defects)
