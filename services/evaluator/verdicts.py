"""Trying rules in order: what matched, what did not and why, within bounds that keep a decision small."""

from collections.abc import Sequence
from itertools import islice

from schemas.decision import MAX_VERDICTS, Finding, Verdict
from services.evaluator.facts import Facts
from services.evaluator.ruleset import CompiledRule

MAX_FINDINGS = 20
"""Findings of one verdict."""
MAX_FINDINGS_IN_ALL = 250
"""Findings of one decision; later verdicts have none."""


class Tried:
    """What came of trying rules on one mail."""

    def __init__(self) -> None:
        self.matched: list[CompiledRule] = []
        self.verdicts: list[Verdict] = []
        self.omitted = 0
        self._findings_left = MAX_FINDINGS_IN_ALL
        self._not_matched = 0

    def match(self, compiled: CompiledRule, facts: Facts) -> None:
        """This rule acts."""
        self.matched.append(compiled)
        because = self._because(compiled, facts)
        self.verdicts.append(Verdict(rule=compiled.reference, outcome="matched", because=because))

    def miss(self, compiled: CompiledRule, facts: Facts) -> None:
        """Its conditions do not hold."""
        if self._room():
            because = self._because(compiled, facts)
            self.verdicts.append(Verdict(rule=compiled.reference, outcome="not_matched", because=because))

    def pass_over(self, compiled: CompiledRule, reason: str) -> None:
        """It was not tried."""
        if self._room():
            self.verdicts.append(Verdict(rule=compiled.reference, outcome="not_tried", reason=reason))

    def _room(self) -> bool:
        if self._not_matched >= MAX_VERDICTS:
            self.omitted += 1
            return False
        self._not_matched += 1
        return True

    def _because(self, compiled: CompiledRule, facts: Facts) -> tuple[Finding, ...]:
        most = min(MAX_FINDINGS, self._findings_left)
        found = tuple(islice(compiled.check.findings(facts), most))
        self._findings_left -= len(found)
        return found


def try_rules(rules: Sequence[CompiledRule], facts: Facts) -> Tried:
    """In order; a match that stops processing leaves the later ones untried."""
    tried = Tried()
    stopped_by = ""
    for compiled in rules:
        if stopped_by:
            tried.pass_over(compiled, stopped_by)
        elif compiled.check.holds(facts):
            tried.match(compiled, facts)
            if compiled.rule.stop_processing:
                stopped_by = f"stopped by rule {compiled.rule.id}"
        else:
            tried.miss(compiled, facts)
    return tried
