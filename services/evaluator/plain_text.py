"""Text before it is folded: composed, on one line, and no longer than anybody reads.

A mail may hold a megabyte where people expect a line; what stands behind the first 10,000 characters is not compared.
"""

from unicodedata import normalize

from schemas.pattern import MAX_SEARCHED_CHARS


def compose(text: str) -> str:
    """The canonical composed form (NFC), in which patterns search it."""
    text = text[:MAX_SEARCHED_CHARS]
    return text if text.isascii() else normalize("NFC", text)


def one_line(text: str) -> str:
    """Every run of white space as one space, also at both ends."""
    text = text[:MAX_SEARCHED_CHARS]
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}"
