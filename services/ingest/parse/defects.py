"""What was wrong with a message: stable words with a short detail, bounded."""

MAX_DEFECTS = 50
MAX_DETAIL = 80


class Defects:
    """Collects defects of one message; each (word, detail) once, the first 50 of them."""

    def __init__(self) -> None:
        self._noted: dict[str, None] = {}

    def note(self, word: str, detail: object = "") -> None:
        """Add a defect. `word`: lower-case, joined by `-`, stable for ever; `detail`: cut to 80 characters."""
        if len(self._noted) >= MAX_DEFECTS:
            return
        text = "".join(c if c.isprintable() else "?" for c in str(detail)[:MAX_DETAIL])
        self._noted.setdefault(f"{word}: {text}" if text else word)

    def list(self) -> tuple[str, ...]:
        """In the order in which they were found."""
        return tuple(self._noted)
