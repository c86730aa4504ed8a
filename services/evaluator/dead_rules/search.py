"""Whether formulas can hold together: alternatives are tried one by one, until one is left or the budget is spent."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluator.dead_rules.contradiction import Clash, contradiction
from services.evaluator.dead_rules.formula import Every, Formula, Literal, Some


@dataclass(slots=True)
class Budget:
    """How much may still be looked at: literals of alternatives. What is left open then counts as possible."""

    left: int

    @property
    def spent(self) -> bool:
        """Nothing is left."""
        return self.left <= 0


@dataclass(frozen=True, slots=True)
class Refuted:
    """No mail is described. `clash`: the literals of one alternative that exclude each other, if they did it."""

    clash: Clash
    alternatives: int


def refute(formulas: Sequence[Formula], budget: Budget) -> Refuted | None:
    """None when a mail may be described by all of them, as far as can be told."""
    waiting: list[tuple[list[Literal], list[Formula]]] = [([], list(formulas))]
    refuted: Refuted | None = None
    count = 0
    while waiting:
        literals, choices = _flat(*waiting.pop())
        budget.left -= 1 + len(literals)
        if budget.spent:
            return None
        clash = contradiction(literals)
        if clash is not None:
            count += 1
            refuted = refuted or Refuted(clash, 1)
        elif choices:
            choice = min(choices, key=lambda each: len(each.parts))
            rest = [each for each in choices if each is not choice]
            waiting += [(literals, [part, *rest]) for part in reversed(choice.parts)]
        else:
            return None
    return Refuted(refuted.clash if refuted else (), count)


def _flat(literals: list[Literal], formulas: list[Formula]) -> tuple[list[Literal], list[Some]]:
    """Everything that must hold, and what leaves a choice."""
    found, choices, open_ = list(literals), [], list(reversed(formulas))
    while open_:
        formula = open_.pop()
        if isinstance(formula, Literal):
            found.append(formula)
        elif isinstance(formula, Every) or len(formula.parts) == 1:
            open_ += reversed(formula.parts)
        else:
            choices.append(formula)
    return found, choices
