"""How text is compared and shown: canonical (NFC) and case folded for comparison, bounded for the log."""

from collections.abc import Sequence

from schemas.comparable import fold

__all__ = ["SHOWN_CHARS", "cut", "fold", "quoted"]

SHOWN_CHARS = 200


def cut(text: str, most: int = SHOWN_CHARS) -> str:
    """At most `most` characters; an ellipsis says that there was more."""
    return text if len(text) <= most else text[: most - 1] + "…"


def quoted(values: Sequence[str], joiner: str = "or") -> str:
    """Values as a person lists them: “a”, “b” or “c”."""
    words = [f"“{value}”" for value in values]
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} {joiner} {words[-1]}"
