"""Trying rules in order: which hold, and by which conditions."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.decision import Verdict
from services.evaluator.conditions.check import Answers
from services.evaluator.facts import Facts
from services.evaluator.ruleset import CompiledRule

MAX_FINDINGS = 20
"""Findings of one verdict."""
MAX_FINDINGS_IN_ALL = 250
"""Findings of one decision; later verdicts have none."""


class Trial(NamedTuple):
    """What came of one rule."""

    rule: CompiledRule
    held: bool
    because: Answers

    def verdict(self, facts: Facts, most: int = MAX_FINDINGS) -> Verdict:
        """For the log, with what was seen of the mail; at most that many findings."""
        return Verdict(
            rule=self.rule.reference,
            outcome="matched" if self.held else "not_matched",
            because=tuple(
                answer.finding(facts.seen(answer.show)) for answer in self.because[: min(most, MAX_FINDINGS)]
            ),
        )


def try_rules(rules: Iterable[CompiledRule], facts: Facts) -> Iterator[Trial]:
    """Each in turn; a match that stops processing is the last."""
    for compiled in rules:
        held, because = compiled.ask(facts)
        yield Trial(compiled, held, because)
        if held and compiled.rule.stop_processing:
            return


def verdicts_of(trials: Sequence[Trial], facts: Facts) -> tuple[Verdict, ...]:
    """Of all of them, within the bound of one decision."""
    found: list[Verdict] = []
    left = MAX_FINDINGS_IN_ALL
    for trial in trials:
        found.append(trial.verdict(facts, left))
        left -= len(found[-1].because)
    return tuple(found)
