"""Trying rules in order: what matched, what did not and why, within bounds that keep a decision small.

Many mails meet the same rules in the same way: the same conditions settle each rule, only what they saw differs. That
is a shape; its verdicts are judged, bounded and dumped once, and each mail only fills in what was seen of it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from schemas.decision import MAX_VERDICTS, Verdict
from services.evaluator.conditions.check import Answers
from services.evaluator.facts import Facts, SeenJson, Show
from services.evaluator.template import Template, json_text

if TYPE_CHECKING:  # a ruleset has its shapes
    from services.evaluator.ruleset import CompiledRule

MAX_FINDINGS = 20
"""Findings of one verdict."""
MAX_FINDINGS_IN_ALL = 250
"""Findings of one decision; later verdicts have none."""
MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Of shapes that are kept, about; then they are gathered anew."""


class Trial(NamedTuple):
    """What came of one rule."""

    rule: "CompiledRule"
    outcome: Literal["matched", "not_matched", "not_tried"]
    reason: str
    because: Answers

    def verdict(self, facts: Facts) -> Verdict:
        """For the log."""
        return self._verdict([facts.seen(answer.show) for answer in self.because])

    def unseen(self) -> Verdict:
        """Without what was seen."""
        return self._verdict([""] * len(self.because))

    def _verdict(self, seen: Sequence[str]) -> Verdict:
        findings = tuple(answer.finding(text) for answer, text in zip(self.because, seen, strict=True))
        return Verdict(rule=self.rule.reference, outcome=self.outcome, reason=self.reason, because=findings)


class Shape:
    """A way in which mails meet the rules of a mailbox."""

    def __init__(self) -> None:
        self.matched: list[CompiledRule] = []
        self.trials: list[Trial] = []
        self.omitted = 0
        self._findings_left = MAX_FINDINGS_IN_ALL

    def match(self, compiled: "CompiledRule", because: Answers) -> None:
        """This rule acts."""
        self.matched.append(compiled)
        self.trials.append(Trial(compiled, "matched", "", self._bounded(because)))

    def miss(self, compiled: "CompiledRule", because: Answers) -> None:
        """Its conditions do not hold."""
        if self._room():
            self.trials.append(Trial(compiled, "not_matched", "", self._bounded(because)))

    def pass_over(self, compiled: "CompiledRule", reason: str) -> None:
        """It was not tried."""
        if self._room():
            self.trials.append(Trial(compiled, "not_tried", reason, ()))

    @cached_property
    def template(self) -> Template[Show]:
        """All verdicts as JSON, but what was seen."""
        text = ",".join(trial.unseen().model_dump_json() for trial in self.trials)
        return Template.of(f"[{text}]", "seen", json_text(""), [a.show for t in self.trials for a in t.because])

    def _room(self) -> bool:
        if len(self.trials) - len(self.matched) < MAX_VERDICTS:
            return True
        self.omitted += 1
        return False

    def _bounded(self, because: Answers) -> Answers:
        found = because[: min(MAX_FINDINGS, self._findings_left)]
        self._findings_left -= len(found)
        return found


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying rules on one mail."""

    shape: Shape
    facts: Facts

    @property
    def matched(self) -> Sequence["CompiledRule"]:
        """The rules that act, in order."""
        return self.shape.matched

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """In the order of the rules."""
        return tuple(trial.verdict(self.facts) for trial in self.shape.trials)

    def json(self) -> str:
        """The verdicts as the JSON of a decision has them, many times faster than through the model."""
        return self.shape.template.filled(SeenJson(self.facts))


class Shapes:
    """The shapes that were met since this version of the rules is in force."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Shape] = {}
        self._bytes = 0

    def try_rules(self, rules: Sequence["CompiledRule"], facts: Facts, key: Hashable) -> Tried:
        """In order; a match that stops processing leaves the later ones untried. `key` says which rules these are."""
        met: list[tuple[bool, Answers]] = []
        for compiled in rules:
            answer = compiled.ask(facts)
            met.append(answer)
            if answer[0] and compiled.rule.stop_processing:
                break
        found = (key, tuple(met))
        if (shape := self._kept.get(found)) is None:
            shape = _shape(rules, met)
            self._keep(found, shape)
        return Tried(shape, facts)

    def _keep(self, key: Hashable, shape: Shape) -> None:
        if self._bytes > MAX_KEPT_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[key] = shape
        self._bytes += shape.template.size


def _shape(rules: Sequence["CompiledRule"], met: Sequence[tuple[bool, Answers]]) -> Shape:
    shape = Shape()
    for compiled, (held, because) in zip(rules, met, strict=False):
        (shape.match if held else shape.miss)(compiled, because)
    if len(met) < len(rules):
        reason = f"stopped by rule {rules[len(met) - 1].rule.id}"
        for compiled in rules[len(met) :]:
            shape.pass_over(compiled, reason)
    return shape
