"""Address lists (RFC 5322 §3.4), read leniently, in linear time and bounded, from hostile input too.

The standard library's parsers are quadratic or recursive on such input, and give up on lists that every mail client
reads. Where a list is malformed, an address in angle brackets wins over anything in the name beside it.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field

import idna

from schemas.mail import MAX_ADDRESSES, Address
from services.ingest.parse import charset
from services.ingest.parse.defects import Defects
from services.ingest.parse.words import decode_words, raw_text, unfold

MAX_VALUE = 64 * 1024
MAX_ADDRESS = 320
MAX_NAME = 200
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|[(),;:>]|[^"<(),;:>\s]+|\s+')
_ESCAPED = re.compile(r"\\(.)")
_ROUTE = re.compile(r"@[^:]*:")


@dataclass(slots=True)
class _Pending:
    """What was read of one list entry. `runs`: tokens without blanks between them, joined only once at the end."""

    runs: list[list[str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    glued: bool = False
    has_at: bool = False
    before_angle: int = 0
    recovered: bool = False

    @property
    def complete(self) -> bool:
        """It has its address; another one begins a new entry, even where a mailer lost or encoded the comma."""
        return self.angle is not None and "@" in self.angle

    def split(self) -> "_Pending":
        """Begin the next entry with the words that came after this one's address."""
        following = _Pending(runs=self.runs[self.before_angle :], recovered=True)
        del self.runs[self.before_angle :]
        return following

    @property
    def words(self) -> list[str]:
        return ["".join(run) for run in self.runs]


def parse_addresses(raw: bytes, name: str, defects: Defects) -> tuple[Address, ...]:
    """The addresses of one header value; groups are flattened. At most 64 KB are read and 200 addresses kept."""
    if len(raw) > MAX_VALUE:
        defects.note("header-cut", name)
        raw = raw[:MAX_VALUE].rpartition(b",")[0] or raw[:MAX_VALUE]
    text = charset.usable(raw_text(unfold(raw), name, defects))
    found: list[Address] = []
    bare: list[str] = []
    for entry in _entries(text):
        if len(found) == MAX_ADDRESSES:
            defects.note("addresses-cut", name)
            break
        address = _address(entry, defects)
        if address is not None:
            found.append(address)
        elif len(entry.runs) == 1 and entry.angle is None and not entry.has_at:
            bare += entry.words
    if not found and len(bare) == 1 and "=?" not in bare[0]:
        found = [Address(address=charset.one_line(_unquoted(bare[0]))[:MAX_ADDRESS])]
    if not found and text.strip(" \t;") and not text.rstrip(" ;").endswith(":"):
        defects.note("addresses-unreadable", name)
    return tuple(found)


def _entries(text: str) -> list[_Pending]:
    """Split a list at its commas, semicolons and group names."""
    entries: list[_Pending] = []
    current, depth = _Pending(), 0
    comment: list[str] = []
    for match in _TOKEN.finditer(text):
        read = match[0]
        if read in "()":
            depth = max(0, depth + (1 if read == "(" else -1))
            if depth == 0 and comment:
                current.comments.append("".join(comment).strip())
                comment = []
        elif depth:
            comment.append(read)
        elif read in ",;":
            entries.append(current)
            current = _Pending()
        elif read == ":" and current.angle is None and not current.has_at:
            current = _Pending()
        else:
            if current.complete and (read[0] == "<" or ("@" in read and read[0] != '"')):
                entries.append(current)
                current = current.split()
            _take(current, read)
    entries.append(current)
    return entries


def _take(entry: _Pending, read: str) -> None:
    if read.startswith("<"):
        if entry.angle is None or "@" not in entry.angle:
            entry.angle = read[1:].removesuffix(">")
            entry.before_angle = len(entry.runs)
        entry.glued = False
    elif read.isspace():
        entry.glued = False
    else:
        entry.has_at = entry.has_at or "@" in read
        if entry.glued:
            entry.runs[-1].append(read)
        else:
            entry.runs.append([read])
            entry.glued = True


def _address(entry: _Pending, defects: Defects) -> Address | None:
    if entry.angle is None and not entry.has_at:
        return None
    name = entry.words
    if entry.angle is not None:
        address = "".join(_ROUTE.sub("", entry.angle, count=1).split())
    else:
        address, name = _bare_address(name)
    if "@" not in address.strip("@"):
        return None
    if len(address) > MAX_ADDRESS:
        defects.note("address-too-long")
        return None
    shown = " ".join(_unquoted(word) for word in name) or " ".join(entry.comments)
    decoded = charset.one_line(decode_words(shown[: 4 * MAX_NAME], defects))[:MAX_NAME]
    decoded = decoded.strip(", ") if entry.recovered else decoded
    return Address(name=decoded, address=normal_address(charset.one_line(address)))


def _bare_address(words: list[str]) -> tuple[str, list[str]]:
    """The address among words without angle brackets (`user @ host` is one), and the other words."""
    for index, word in enumerate(words):
        if word == "@" and 0 < index < len(words) - 1:
            return words[index - 1] + word + words[index + 1], words[: index - 1] + words[index + 2 :]
        if "@" in word.strip("@"):
            return word, words[:index] + words[index + 1 :]
    return "", words


def _unquoted(word: str) -> str:
    if not word.startswith('"'):
        return word
    return _ESCAPED.sub(r"\1", word[1:].removesuffix('"'))


def normal_address(address: str) -> str:
    """The address with its domain lower-cased and, where that can be done, in A-label form (RFC 5890 §2.3.2.1)."""
    local, _, domain = address.rpartition("@")
    domain = domain.lower().rstrip(".")
    if not domain.isascii():
        with suppress(idna.IDNAError, UnicodeError):
            domain = idna.encode(domain, uts46=True).decode("ascii")
    return f"{local}@{domain}"
