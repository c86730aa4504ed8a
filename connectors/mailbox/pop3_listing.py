"""What a POP3 server lists, and names for its messages that a later session understands.

RFC 1939 §7 wants a unique id of 1 to 70 printable characters that is never used for another message; servers break
each part of that. So a key is the size and the id; an id that breaks the form is named by its digest, and messages that
share one are told apart by their headers.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

MOST: Final = 500_000
"""Messages that an account may have: so many are listed in about 100 MB of memory."""

MOST_SHARED: Final = 1000
"""Messages whose unique ids are not unique; each costs a command at each look."""

PREFIX: Final = 16
"""Hex digits of a header's digest in a key."""

_UIDL: Final = re.compile(r"[\x21-\x7e]{1,70}")
_KEY: Final = re.compile(r"(\d{1,18})(?:\+([0-9a-f]{16}))?-([\x21-\x7e]{1,100})")


@dataclass(frozen=True, slots=True)
class Listed:
    """A message of this session: `number` counts from 1, `size` is in bytes, `uidl` a unique id that can be kept.

    `header`: begins the digest of its header, where others have the same unique id and size; else empty.
    """

    number: int
    size: int
    uidl: str
    header: str = ""

    @property
    def key(self) -> str:
        """Names it in other sessions."""
        return f"{self.size}+{self.header}-{self.uidl}" if self.header else f"{self.size}-{self.uidl}"

    @classmethod
    def of_key(cls, key: str) -> "Listed | None":
        """Without its number. None: that is no key."""
        found = _KEY.fullmatch(key)
        return cls(0, int(found[1]), found[3], found[2] or "") if found else None


def listing(uidls: Iterable[str], sizes: Iterable[str]) -> list[Listed]:
    """From the lines of UIDL and LIST, in the order of the numbers. Raises ValueError for a line of another form."""
    size = {number: int(rest.split(" ")[0]) for number, rest in map(_numbered, sizes)}
    found = [Listed(number, max(0, size.get(number, 0)), storable(rest)) for number, rest in map(_numbered, uidls)]
    return sorted(found, key=lambda listed: listed.number)


def storable(uidl: str) -> str:
    """The unique id itself where it keeps the form, else a name made of it."""
    return uidl if _UIDL.fullmatch(uidl) else f"sha256-{sha256(uidl.encode('utf-8', 'replace')).hexdigest()[:40]}"


def shared(found: Sequence[Listed]) -> list[int]:
    """Indexes of those whose unique id and size others have too."""
    counts = Counter((listed.uidl, listed.size) for listed in found)
    return [n for n, listed in enumerate(found) if counts[listed.uidl, listed.size] > 1]


def fingerprint(found: Iterable[Listed]) -> str:
    """The same for the same messages in the same order."""
    digest = sha256()
    for listed in found:
        digest.update(f"{listed.key}\n".encode())
    return digest.hexdigest()


def _numbered(line: str) -> tuple[int, str]:
    number, _, rest = line.strip(" ").partition(" ")
    return int(number), rest
