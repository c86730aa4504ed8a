"""Trying rules in order: what matched, what did not and why, within bounds that keep a decision small."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from schemas.decision import MAX_VERDICTS, Verdict
from services.evaluator.conditions.check import Answers
from services.evaluator.facts import Facts, SeenJson
from services.evaluator.ruleset import CompiledRule
from services.evaluator.template import Template, json_text

MAX_FINDINGS = 20
"""Findings of one verdict."""
MAX_FINDINGS_IN_ALL = 250
"""Findings of one decision; later verdicts have none."""

MAX_TEMPLATES = 64
"""Ways to miss or match that are kept ready for one rule."""

Outcome = Literal["matched", "not_matched", "not_tried"]


class Trial(NamedTuple):
    """A verdict before anybody reads it."""

    rule: CompiledRule
    outcome: Outcome
    reason: str = ""
    because: Answers = ()

    def verdict(self, facts: Facts) -> Verdict:
        """For the log."""
        return self._verdict([facts.seen(answer.show) for answer in self.because])

    def json(self, seen: SeenJson) -> str:
        """The same as the JSON of the verdict, many times faster than through the model."""
        cache, key = self.rule.verdicts, self[1:]
        if (template := cache.get(key)) is None:
            if len(cache) >= MAX_TEMPLATES:
                cache.clear()
            shows = [answer.show for answer in self.because]
            template = cache[key] = Template.of(self._verdict([""] * len(shows)), "seen", json_text(""), shows)
        return template.filled(seen)

    def _verdict(self, seen: Sequence[str]) -> Verdict:
        findings = tuple(answer.finding(text) for answer, text in zip(self.because, seen, strict=True))
        return Verdict(rule=self.rule.reference, outcome=self.outcome, reason=self.reason, because=findings)


class Tried:
    """What came of trying rules on one mail."""

    def __init__(self, facts: Facts) -> None:
        self.matched: list[CompiledRule] = []
        self.omitted = 0
        self._facts = facts
        self._trials: list[Trial] = []
        self._findings_left = MAX_FINDINGS_IN_ALL

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """In the order of the rules."""
        return tuple(trial.verdict(self._facts) for trial in self._trials)

    def json(self) -> str:
        """The verdicts as the JSON of a decision has them."""
        seen = SeenJson(self._facts)
        return f"[{','.join([trial.json(seen) for trial in self._trials])}]"

    def match(self, compiled: CompiledRule, because: Answers) -> None:
        """This rule acts."""
        self.matched.append(compiled)
        self._trials.append(Trial(compiled, "matched", because=self._bounded(because)))

    def miss(self, compiled: CompiledRule, because: Answers) -> None:
        """Its conditions do not hold."""
        if self._room():
            self._trials.append(Trial(compiled, "not_matched", "", self._bounded(because)))

    def pass_over(self, compiled: CompiledRule, reason: str) -> None:
        """It was not tried."""
        if self._room():
            self._trials.append(Trial(compiled, "not_tried", reason))

    def _room(self) -> bool:
        if len(self._trials) - len(self.matched) < MAX_VERDICTS:
            return True
        self.omitted += 1
        return False

    def _bounded(self, because: Answers) -> Answers:
        count, most = len(because), min(MAX_FINDINGS, self._findings_left)
        if count > most:
            because, count = because[:most], most
        self._findings_left -= count
        return because


def try_rules(rules: Sequence[CompiledRule], facts: Facts) -> Tried:
    """In order; a match that stops processing leaves the later ones untried."""
    tried = Tried(facts)
    stopped_by = ""
    for compiled in rules:
        if stopped_by:
            tried.pass_over(compiled, stopped_by)
            continue
        held, because = compiled.ask(facts)
        if not held:
            tried.miss(compiled, because)
            continue
        tried.match(compiled, because)
        if compiled.rule.stop_processing:
            stopped_by = f"stopped by rule {compiled.rule.id}"
    return tried
