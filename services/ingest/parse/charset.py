"""Bytes to text in the charset a mail claims, or a careful guess. Never fails, never gives what JSON cannot carry."""

import codecs
import re
from functools import lru_cache

from services.ingest.parse.defects import Defects

_ALLOWED = re.compile(
    r"ascii|utf-(7|8|8-sig|16|16-le|16-be|32|32-le|32-be)|iso8859-\d+|cp\d{3,4}|koi8-[rut]|mac-[a-z]+|gb2312|gbk|gb18030"
    r"|hz|big5|big5hkscs|euc_(jp|kr|jis_2004|jisx0213)|shift_jis(x0213|_2004)?|iso2022_[a-z0-9_]+|johab|tis-620|ptcp154|kz1048"
)
_NOT_ASCII_BASED = re.compile(r"utf-(7|16|32)|iso2022_|hz")
_STATELESS = ("utf-8", "cp1252")
"""The commonest, which bytes know how to decode in a fraction of the time."""
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_LINE_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TEXT_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
CONTROLS = bytes((*range(9), *range(11, 32), 127))
"""Those of US-ASCII but TAB and LF; in UTF-8 they are part of no other character."""
_HIGH_CONTROL = re.compile(b"\xc2[\x80-\x9f]")
"""U+0080 to U+009F in UTF-8."""


@lru_cache(maxsize=512)
def codec(name: str) -> str | None:
    """Python's codec for a MIME charset; None for unknown ones and for codecs that are no charset (punycode, zip …).

    Latin-1 is read as windows-1252, of which it is the printable part (WHATWG Encoding Standard §4.2).
    """
    try:
        found = codecs.lookup(name.strip("\"' \t").removeprefix("x-")).name
    except (LookupError, ValueError, UnicodeError):
        return None
    if not _ALLOWED.fullmatch(found):
        return None
    return "cp1252" if found == "iso8859-1" else found


def usable(text: str) -> str:
    """The text without NULs and lone surrogates, which neither UTF-8 JSON nor Postgres can hold."""
    return _UNUSABLE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """The text as one line: controls and line ends become spaces."""
    if text.isprintable():  # by far the most, and found out without a regular expression
        return text.strip()
    return _LINE_CONTROLS.sub(" ", usable(text)).strip()


def many_lines(text: str) -> str:
    """The text with LF line ends and no controls but LF and TAB."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if _is_clean(text) else _TEXT_CONTROLS.sub("", usable(text))


def _is_clean(text: str) -> bool:
    """Whether `many_lines` would leave every character; by its UTF-8, which takes a tenth of matching."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return False
    return len(data.translate(None, CONTROLS)) == len(data) and not _HIGH_CONTROL.search(data)


def clean_utf8(data: bytes) -> str | None:
    """Text in UTF-8 whose controls of US-ASCII were looked for before; None with U+0080 to U+009F, or invalid."""
    try:
        return None if _HIGH_CONTROL.search(data) else data.decode()
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=512)
def is_ascii_based(charset: str) -> bool:
    """Whether bytes of US-ASCII mean themselves in a declared charset, known or not; none declared is US-ASCII."""
    found = codec(charset) if charset else "ascii"
    return found is None or not _NOT_ASCII_BASED.match(found)


def guess(data: bytes) -> str:
    """Bytes without a declared charset: UTF-8 when valid, else windows-1252."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def decode(data: bytes, charset: str, defects: Defects, *, partial: bool = False) -> str:
    """Decode by a declared charset; what contradicts it is a defect and becomes a guess or U+FFFD.

    `partial`: the data was cut, so that half a character at its end is no defect.
    """
    found = codec(charset) if charset else "ascii"
    if data.isascii() and is_ascii_based(charset):
        return data.decode("ascii")
    if found is None:
        defects.note("unknown-charset", charset)
        return guess(data)
    try:
        if found in _STATELESS and not partial:
            return data.decode(found)
        return codecs.getincrementaldecoder(found)().decode(data, not partial)
    except (UnicodeError, ValueError):
        defects.note("wrong-charset", charset or "none declared")
        return guess(data) if found in ("ascii", "utf-8") else data.decode(found, "replace")
