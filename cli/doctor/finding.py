"""What is wrong, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from runtime.errors import MaildeskError

Severity = Literal["error", "warning"]
LONGEST = 600
"""Characters of a finding's text: what another side said is cut."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable: scripts may depend on it. A `warning` works today."""

    code: str
    place: str
    text: str
    remedy: str
    severity: Severity = "error"

    def __str__(self) -> str:
        remedy = f" → {self.remedy}" if self.remedy else ""
        return f"{self.severity} {self.code} [{self.place}] {self.text}{remedy}"


def found_error(error: MaildeskError, place: str, remedy: str = "") -> Finding:
    """An error as it was raised: its text says what, and behind the first semicolon what to do."""
    text, _, rest = _printable(error.text).partition(": " if error.code == "secret-missing" else "; ")
    return Finding(error.code, place, text, remedy or rest.removeprefix("or "))


def listed(names: Iterable[str], most: int = 20) -> str:
    """Names in one line, cut."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(_printable(each) for each in every[:most]) + more


def _printable(text: str) -> str:
    """What another side said, so that no terminal obeys it."""
    return "".join(each if each.isprintable() else " " for each in text)[:LONGEST]
