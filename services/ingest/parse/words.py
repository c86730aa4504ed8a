"""Header values as text: unfolding, encoded words (RFC 2047), 8-bit headers (RFC 6532 or plain wrong)."""

import binascii
import re

from services.ingest.parse import charset
from services.ingest.parse.defects import Defects

# Each alternative stops at the next "?", so that a header full of "=?" is read once, not once per "=?".
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,30})?\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def unfold(value: bytes) -> bytes:
    """A raw header value on one line (RFC 5322 §2.2.3)."""
    return value.replace(b"\n", b"").strip(b" \t")


def lenient_base64(data: bytes) -> tuple[bytes, bool]:
    """Decode base64 whatever it is; the flag tells whether it was clean."""
    try:
        return binascii.a2b_base64(data), True
    except binascii.Error:
        kept = _NOT_BASE64.sub(b"", data)
        kept = kept[:-1] if len(kept) % 4 == 1 else kept
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), False


def raw_text(value: bytes, name: str, defects: Defects) -> str:
    """An unfolded value as text before encoded words are decoded."""
    if value.isascii():
        return value.decode("ascii")
    try:
        return value.decode()
    except UnicodeDecodeError:
        defects.note("header-not-utf8", name)
        return charset.guess(value)


def decode_words(text: str, defects: Defects) -> str:
    """Replace encoded words. Neighbours in one charset are joined before decoding, as they split characters."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending, pending_charset, position = bytearray(), "", 0
    for match in _WORD.finditer(text):
        between, name = text[position : match.start()], match[1].lower()
        if pending_charset and (name != pending_charset or between.strip(" \t")):
            out.append(charset.decode(bytes(pending), pending_charset, defects))
            pending.clear()
            pending_charset = ""
        if between.strip(" \t") or position == 0:
            out.append(between)
        pending += _decode_word(match[2], match[3], defects)
        pending_charset, position = name, match.end()
    if pending_charset:
        out.append(charset.decode(bytes(pending), pending_charset, defects))
    return "".join(out) + text[position:]


def _decode_word(encoding: str, encoded: str, defects: Defects) -> bytes:
    data = encoded.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    decoded, clean = lenient_base64(data)
    if not clean:
        defects.note("bad-encoded-word")
    return decoded


def header_text(value: bytes, name: str, defects: Defects) -> str:
    """A raw value as one clean line of text."""
    if value.isascii() and b"=?" not in value:  # nearly all headers of nearly all mails
        return charset.one_line(value.replace(b"\n", b"").decode("ascii"))
    return charset.one_line(decode_words(raw_text(unfold(value), name, defects), defects))
