"""`all`, `any`, `none`: each short-circuits, and explains itself by the children that settled it."""

from dataclasses import dataclass

from schemas.condition import AnyOf, Group, NoneOf
from services.evaluator.conditions.check import Answers, Ask, Check, Held
from services.evaluator.facts import Facts
from services.evaluator.wording.words import Words


@dataclass(frozen=True, slots=True)
class GroupCheck(Check):
    """A group as one question: does a child answer `looked_for`? If so it settles the group as `found`.

    all: a child that fails settles it as false. any: one that holds settles it as true. none: one that holds, as false.
    A child that cannot tell leaves the group open, unless another one settles it (Kleene's logic).
    """

    name: str
    children: tuple[Check, ...]
    looked_for: bool
    found: bool

    def asking(self, path: str = "") -> Ask:
        """The one child that settled it answers for the group; else those that cannot tell do; else all of them."""
        children = tuple(child.asking(f"{path}{self.name}[{number}].") for number, child in enumerate(self.children))
        wanted, found = self.looked_for, self.found

        def ask(facts: Facts) -> tuple[Held, Answers]:
            answers: Answers = ()
            unclear: Answers = ()
            for child in children:
                held, because = child(facts)
                if held is wanted:
                    return found, because
                if held is None:
                    unclear += because
                else:
                    answers += because
            return (None, unclear) if unclear else (not found, answers)

        return ask


def compile_all(children: tuple[Check, ...]) -> GroupCheck:
    """Every one holds."""
    return GroupCheck("all", children, looked_for=False, found=False)


def compile_any(children: tuple[Check, ...]) -> GroupCheck:
    """At least one holds."""
    return GroupCheck("any", children, looked_for=True, found=True)


def compile_none(children: tuple[Check, ...]) -> GroupCheck:
    """Not one holds."""
    return GroupCheck("none", children, looked_for=True, found=False)


def sentence(condition: Group, words: Words) -> str:
    """In words; the children follow, each on its own."""
    if isinstance(condition, AnyOf):
        return words.gettext("at least one of these is true:")
    if isinstance(condition, NoneOf):
        return words.gettext("none of these is true:")
    return words.gettext("all of these are true:") if condition.all else words.gettext("this is always true")
