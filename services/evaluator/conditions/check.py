"""The contract of a compiled condition, and the one form that every leaf takes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from schemas.decision import Finding
from services.evaluator.facts import Facts, Show
from services.evaluator.text import cut

Held = bool | None
"""Whether a condition holds; None where the event does not say."""


class Leaf(Protocol):
    """What an answer knows of the leaf that gave it."""

    @property
    def kind(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def seen(self) -> Show: ...


class Answer:
    """What one leaf answered, wherever it stands in a rule; shared by all mails to which it answered the same."""

    __slots__ = ("_held", "_leaf", "_path", "missing")

    def __init__(self, leaf: "Leaf", path: str, *, held: Held, missing: bool = False) -> None:
        self._leaf = leaf
        self._path = path
        self._held = held
        self.missing = missing
        """Whether it could not tell since Odoo did not answer in time."""

    @property
    def show(self) -> Show:
        """How it shows what it saw of a mail."""
        return self._leaf.seen

    def finding(self, seen: str) -> Finding:
        """The answer with what was seen."""
        return Finding(
            path=self._path + self._leaf.kind,
            held=self._held is True,
            expected=cut(self._leaf.expected),
            seen=seen,
            undecidable=self._held is None,
        )


Answers = tuple[Answer, ...]
Ask = Callable[[Facts], tuple[Held, Answers]]
"""Whether a condition holds for a mail, and the leaves that settled it or left it open, in the order of the rule."""


class Check(ABC):
    """A condition made ready to be asked often. Pure and safe to share."""

    __slots__ = ()

    @abstractmethod
    def asking(self, path: str = "") -> Ask:
        """The question; `path` leads to this condition."""

    def holds(self, facts: Facts) -> bool:
        """Whether the condition holds for a mail."""
        held, _ = self.asking()(facts)
        return held is True

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """The leaves that settled it."""
        _, answers = self.asking()(facts)
        return (answer.finding(facts.seen(answer.show)) for answer in answers)


@dataclass(frozen=True, slots=True)
class LeafCheck(Check):
    """A leaf: what it asks, and how it shows what it saw.

    `seen` should be the same function for all leaves of a kind, since a mail is shown once per function.
    """

    kind: str
    expected: str
    test: Callable[[Facts], bool]
    seen: Show

    def asking(self, path: str = "") -> Ask:
        """Both answers are made beforehand."""
        yes, no = (Answer(self, path, held=True),), (Answer(self, path, held=False),)
        test = self.test
        return lambda facts: (True, yes) if test(facts) else (False, no)
