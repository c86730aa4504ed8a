"""The contract of a compiled condition, and the one form that every leaf takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from schemas.decision import Finding
from services.evaluator.facts import Facts
from services.evaluator.text import cut


class Check(Protocol):
    """A condition made ready to be asked often. Pure and safe to share."""

    @property
    def holds(self) -> Callable[[Facts], bool]:
        """Whether the condition holds for a mail."""

    def findings(self, facts: Facts, path: str = "") -> Iterator[Finding]:
        """The leaves that settled it, in the order of the rule; `path` leads to this condition."""


@dataclass(frozen=True, slots=True)
class LeafCheck:
    """A leaf: what it asks, and how it shows what it saw."""

    kind: str
    expected: str
    holds: Callable[[Facts], bool]
    seen: Callable[[Facts], str]

    def findings(self, facts: Facts, path: str = "") -> Iterator[Finding]:
        """The one finding of this leaf."""
        yield Finding(
            path=path + self.kind,
            held=self.holds(facts),
            expected=cut(self.expected),
            seen=cut(self.seen(facts)),
        )
