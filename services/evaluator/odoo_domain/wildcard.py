"""Patterns with `*` (any text) and `?` (any one character), matched without backtracking.

Between two stars the leftmost fit is always good enough, so that each part is looked for once. A part is cut at its
`?` into literal pieces; the next place where all of them fit is found by letting each piece push the start forward
with `str.find`. Only text made to nearly fit everywhere takes many tries, and those are counted.
"""

from collections.abc import Callable

MAX_TRIES = 10_000
"""Some 4 ms. Text of this many characters, divided by the number of pieces in a part, is always decided."""


class TooCostlyError(Exception):
    """A text that nearly fits the pattern in too many places."""


Piece = tuple[int, str]


def glob(pattern: str) -> Callable[[str], bool]:
    """A test whether a whole text fits the pattern."""
    first, *rest = (_Part(part) for part in pattern.split("*"))
    if not rest:
        return lambda text: len(text) == first.length and first.fits(text, 0)
    *middle, last = rest
    inner = [part for part in middle if part.length]

    def test(text: str) -> bool:
        end = len(text) - last.length
        if end < first.length or not first.fits(text, 0) or not last.fits(text, end):
            return False
        position, tries = first.length, MAX_TRIES
        for part in inner:
            position, tries = part.find(text, position, tries)
            if position < 0 or position + part.length > end:
                return False
            position += part.length
        return True

    return test


class _Part:
    """What stands between two stars."""

    __slots__ = ("length", "pieces")

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self.pieces = _pieces(text)

    def fits(self, text: str, at: int) -> bool:
        return all(text.startswith(piece, at + offset) for offset, piece in self.pieces)

    def find(self, text: str, start: int, tries: int) -> tuple[int, int]:
        """The first place at or behind `start` where the part fits, or -1; and the tries that are left."""
        if start + self.length > len(text):
            return -1, tries
        settled, turn, many = 0, 0, len(self.pieces)
        while settled < many:
            tries -= 1
            if tries < 0:
                raise TooCostlyError
            offset, piece = self.pieces[turn]
            found = text.find(piece, start + offset)
            if found < 0:
                return -1, tries
            if found - offset > start:
                start, settled = found - offset, 0
            settled += 1
            turn = (turn + 1) % many
        return start, tries


def _pieces(text: str) -> tuple[Piece, ...]:
    """The literal pieces with their offsets; the longest first, since it fits in the fewest places."""
    found, offset = [], 0
    for piece in text.split("?"):
        if piece:
            found.append((offset, piece))
        offset += len(piece) + 1
    return tuple(sorted(found, key=lambda pair: -len(pair[1])))
