"""What Odoo's gateway makes of a mail."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of the mail in Odoo."""

    FILED = "filed"
    BOUNCED = "bounced"
    REPORT = "report"
    DUPLICATE = "duplicate"
    LOOP = "loop"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Route:
    """A record that takes the mail; `record` None: a new one. `by`: `references`, `alias support`, `fallback`."""

    model: str
    record: int | None
    by: str
    alias: str = ""
    """Whose security settings applied; also of a reply that an alias of the same model received."""

    def __str__(self) -> str:
        return f"{self.by} → {self.model}{f' {self.record}' if self.record else ''}"


@dataclass(frozen=True, slots=True)
class Prediction:
    """`reason` in one line, as `references → purchase.order 123`; `steps`: everything that was looked at, in order.

    `note`: the reply would stay inside, since it answers a message that did.
    """

    outcome: Outcome
    reason: str
    routes: tuple[Route, ...] = ()
    steps: tuple[str, ...] = ()
    note: bool = False
