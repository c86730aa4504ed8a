"""Rules that can never match, that an earlier rule always hides, or whose time is over."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal as OneOf
from typing import NamedTuple

from schemas.condition import DateIs, leaves
from schemas.rule import Rule
from services.evaluator.dead_rules.contradiction import family
from services.evaluator.dead_rules.doubtful import doubtful
from services.evaluator.dead_rules.formula import Every, Formula, Literal, Some, Status, formula_of
from services.evaluator.dead_rules.moments import APART
from services.evaluator.dead_rules.search import Budget, Refuted, refute

BUDGET_OF_A_RULE = 100_000
BUDGET_OF_A_PAIR = 20_000
BUDGET_OF_ALL_PAIRS = 500_000
"""Literals that are looked at; two or three seconds in all."""
SHOWN = 3


class Finding(NamedTuple):
    """`by`: the rule that hides this one. `past` and `doubtful` are no certain mistakes, only worth knowing."""

    kind: OneOf["never", "hidden", "past", "doubtful", "unchecked"]
    rule: str
    by: str | None
    text: str

    @property
    def certain_mistake(self) -> bool:
        """Whether the rule is of no use, whatever mail comes."""
        return self.kind in ("never", "hidden")


class _Known(NamedTuple):
    """A rule with the formulas that say when it matches, and when it does not."""

    rule: Rule
    matches: Formula
    misses: Formula
    families: frozenset[str]
    needed: frozenset[str]
    """Families of which a narrower rule must say something."""


def dead_rules(rules: Sequence[Rule], today: date) -> list[Finding]:
    """In the order in which rules are tried. Rules that are off are looked at on their own only."""
    found: list[Finding] = []
    live: dict[tuple[str, str], list[_Known]] = defaultdict(list)
    for rule in sorted(rules, key=lambda each: (each.mailbox, each.order, each.id)):
        found += [Finding("doubtful", rule.id, None, text) for text in doubtful(rule)]
        matches = formula_of(rule.when, Status.TRUE)
        if refuted := refute([matches], Budget(BUDGET_OF_A_RULE)):
            found.append(Finding("never", rule.id, None, f"it can never match: {_why(refuted)}"))
            continue
        if not rule.enabled:
            continue
        found += _past(rule, matches, today)
        if rule.trigger != "manual":
            live[(rule.mailbox, rule.trigger)].append(_known(rule, matches))
    budget = Budget(BUDGET_OF_ALL_PAIRS)
    for group in live.values():
        found += _hidden(group, budget)
    return found


def _known(rule: Rule, matches: Formula) -> _Known:
    misses = formula_of(rule.when, Status.NOT_TRUE)
    parts = misses.parts if isinstance(misses, Some) else (misses,)
    needed = frozenset(family(each) for each in parts if isinstance(each, Literal))
    return _Known(rule, matches, misses, frozenset(_families(matches)), needed)


def _families(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Literal):
        yield family(formula)
    else:
        for part in formula.parts:
            yield from _families(part)


def _hidden(group: Sequence[_Known], budget: Budget) -> Iterator[Finding]:
    """Rules of one mailbox and trigger, in order."""
    stopping: list[_Known] = []
    for later in group:
        for earlier in stopping:
            if budget.spent:
                text = "whether an earlier rule hides it, or one after it, was not looked at: too many rules stop"
                yield Finding("unchecked", later.rule.id, None, text)
                return
            if earlier.needed <= later.families and _narrower(later, earlier, budget):
                yield Finding("hidden", later.rule.id, earlier.rule.id, _hides(earlier.rule, later.rule))
                break
        else:
            if later.rule.stop_processing and later.rule.mode == "live":
                stopping.append(later)


def _narrower(later: _Known, earlier: _Known, budget: Budget) -> bool:
    own = Budget(min(BUDGET_OF_A_PAIR, budget.left))
    before = own.left
    refuted = refute([later.matches, earlier.misses], own)
    budget.left -= before - own.left + 1
    return refuted is not None


def _hides(earlier: Rule, later: Rule) -> str:
    return (
        f"no mail reaches it: rule {earlier.id} (order {earlier.order}) is tried before it (order {later.order}), "
        f"matches every mail that it matches, and stops; give {later.id} a lower order, "
        f"or {earlier.id} narrower conditions"
    )


def _why(refuted: Refuted) -> str:
    paths = list(dict.fromkeys(literal.path for literal in refuted.clash))
    if not paths:
        return "its conditions leave no mail; see its `none` and `any`"
    shown = " and ".join(paths[:SHOWN]) + (f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else "")
    clash = f"{shown} exclude each other" if len(paths) > 1 else f"{shown} contradicts itself"
    if refuted.alternatives > 1:
        clash = f"none of its {refuted.alternatives} alternatives is possible, in one {clash}"
    return f"{clash}; change one of these conditions, or delete the rule"


def _past(rule: Rule, matches: Formula, today: date) -> Iterator[Finding]:
    """What was of use once. The calendars of all time zones count."""
    if today - date.min <= APART:
        return
    begin = DateIs(type="date", on_or_after=today - APART)
    if any(isinstance(leaf, DateIs) for leaf in leaves(rule.when)) and refute(
        [Every((matches, Literal(begin, Status.TRUE, "")))], Budget(BUDGET_OF_A_RULE)
    ):
        yield Finding("past", rule.id, None, "its dates are over: it matches no mail that is received from now on")
    ends = [each.window.before if each.window else None for each in rule.actions]
    if all(end is not None and end <= today - APART for end in ends):
        yield Finding("past", rule.id, None, "the windows of all its actions are over: they are skipped for new mail")
