"""What came, or would come, of a run: counted by mail and by action."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FINAL = frozenset({"succeeded", "failed", "skipped", "planned"})


class Step(NamedTuple):
    """One action of the rule."""

    action: str
    type: str


@dataclass(slots=True)
class Tally:
    """`facts`: what is known of the run itself. `steps`: by action and what became of it, how many commands.

    What became of one is `done`, `already done`, `failed`, `skipped: REASON`, or `waiting`; of a dry run `would act`.
    """

    facts: dict[str, Any]
    recorded: int
    evaluated: int = 0
    matched: int = 0
    undecidable: int = 0
    unfinished: int = 0
    steps: dict[Step, Counter[str]] = field(default_factory=dict)

    def count(self, step: Step, became: str, number: int = 1) -> None:
        """So many more commands."""
        self.steps.setdefault(step, Counter())[became] += number

    def total(self, became: str) -> int:
        """Over all actions; `skipped` stands for all reasons."""
        return sum(
            number
            for counts in self.steps.values()
            for key, number in counts.items()
            if key.partition(":")[0] == became
        )

    def members(self, totals: Sequence[str]) -> dict[str, Any]:
        """Everything for JSON, with these totals over all actions."""
        return {
            **self.facts,
            "evaluated": self.evaluated,
            "matched": self.matched,
            "undecidable": self.undecidable,
            "unfinished": self.unfinished,
            **{name.replace(" ", "_"): self.total(name) for name in totals},
            "actions": [
                {"action": step.action, "type": step.type, **dict(sorted(counts.items()))}
                for step, counts in self.steps.items()
            ],
        }


def became(state: str, reason: str) -> str:
    """A command's state in the words of a summary."""
    if state == "succeeded":
        return "done"
    if state == "skipped":
        return "already done" if reason == "duplicate" else f"skipped: {reason}"
    return state if state in FINAL else "waiting"
