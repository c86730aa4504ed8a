"""Trying rules in order: which hold, and by which conditions."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from schemas.decision import Verdict
from services.evaluator.conditions.check import Answers, Held
from services.evaluator.facts import Facts
from services.evaluator.ruleset import CompiledRule

Outcome = Literal["matched", "not_matched", "undecidable", "deferred"]
WAITS = "Odoo did not answer in time; this rule and those after it are decided when it does"
MAX_FINDINGS = 20
"""Findings of one verdict."""
MAX_FINDINGS_IN_ALL = 250
"""Findings of one decision; later verdicts have none."""


class Trial(NamedTuple):
    """What came of one rule."""

    rule: CompiledRule
    held: Held
    because: Answers

    @property
    def outcome(self) -> Outcome:
        """In the words of a verdict."""
        if self.held is None:
            return "deferred" if any(answer.missing for answer in self.because) else "undecidable"
        return "matched" if self.held else "not_matched"

    def verdict(self, facts: Facts, most: int = MAX_FINDINGS) -> Verdict:
        """For the log, with what was seen of the mail; at most that many findings."""
        return Verdict(
            rule=self.rule.reference,
            outcome=self.outcome,
            reason=WAITS if self.outcome == "deferred" else "",
            shadow=self.rule.rule.mode == "shadow",
            because=tuple(
                answer.finding(facts.seen(answer.show)) for answer in self.because[: min(most, MAX_FINDINGS)]
            ),
        )


def try_rules(rules: Iterable[CompiledRule], facts: Facts) -> Iterator[Trial]:
    """Each in turn. The last is a match that stops processing, or the first rule that has to wait for Odoo.

    A rule that is watched only stops nothing.
    """
    for compiled in rules:
        trial = Trial(compiled, *compiled.ask(facts))
        yield trial
        if trial.held is False:
            continue
        if trial.held and compiled.rule.stop_processing and compiled.rule.mode == "live":
            return
        if trial.outcome == "deferred" and compiled.rule.mode == "live":
            return


def verdicts_of(trials: Sequence[Trial], facts: Facts) -> tuple[Verdict, ...]:
    """Of all of them, within the bound of one decision."""
    found: list[Verdict] = []
    left = MAX_FINDINGS_IN_ALL
    for trial in trials:
        found.append(trial.verdict(facts, left))
        left -= len(found[-1].because)
    return tuple(found)
