"""`all`, `any`, `none`: each short-circuits, and explains itself by the children that settled it."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.condition import AllOf, AnyOf, Group, NoneOf
from schemas.decision import Finding
from services.evaluator.conditions.check import Check
from services.evaluator.facts import Facts


@dataclass(frozen=True, slots=True)
class GroupCheck:
    """A group as one question: does a child answer `looked_for`? If so it settles the group as `found`.

    all: a child that fails settles it as false. any: one that holds settles it as true. none: one that holds, as false.
    """

    name: str
    children: tuple[Check, ...]
    looked_for: bool
    found: bool

    def holds(self, facts: Facts) -> bool:
        """Whether the group holds."""
        wanted = self.looked_for
        for child in self.children:
            if child.holds(facts) is wanted:
                return self.found
        return not self.found

    def findings(self, facts: Facts, path: str = "") -> Iterator[Finding]:
        """Those of the one child that settled it; when none did, those of all children."""
        for number, child in enumerate(self.children):
            if child.holds(facts) is self.looked_for:
                yield from child.findings(facts, f"{path}{self.name}[{number}].")
                return
        for number, child in enumerate(self.children):
            yield from child.findings(facts, f"{path}{self.name}[{number}].")


def compile_all(children: tuple[Check, ...]) -> GroupCheck:
    """Every one holds."""
    return GroupCheck("all", children, looked_for=False, found=False)


def compile_any(children: tuple[Check, ...]) -> GroupCheck:
    """At least one holds."""
    return GroupCheck("any", children, looked_for=True, found=True)


def compile_none(children: tuple[Check, ...]) -> GroupCheck:
    """Not one holds."""
    return GroupCheck("none", children, looked_for=True, found=False)


_SENTENCES: dict[type, str] = {
    AllOf: "all of these hold",
    AnyOf: "at least one of these holds",
    NoneOf: "none of these holds",
}


def sentence(condition: Group) -> str:
    """In words; the children follow, each on its own."""
    if isinstance(condition, AllOf) and not condition.all:
        return "always"
    return _SENTENCES[type(condition)]
