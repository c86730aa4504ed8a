"""What strangers wrote, as it may be shown on a terminal."""


def visible(text: str) -> str:
    """The text without what a terminal would obey; JSON has it exactly."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode("ascii") for c in text)
