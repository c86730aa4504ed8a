"""Text before it is folded: composed, and on one line."""

from unicodedata import normalize


def compose(text: str) -> str:
    """The canonical composed form (NFC), in which patterns search it."""
    return text if text.isascii() else normalize("NFC", text)


def one_line(text: str) -> str:
    """Every run of white space as one space, also at both ends."""
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}"
