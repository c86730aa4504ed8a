"""Two rulesets on the same mails: which rules would treat which mails differently. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from cli.rule_diff_reasons import change, condition, why_not
from cli.rule_diff_treatment import Treated, Treatment, treat, tried
from schemas.mail import MailArrived, MailSent
from services.evaluator.attempt import Attempt, attempt_of
from services.evaluator.facts import Facts
from services.evaluator.ruleset import Ruleset
from services.evaluator.verdicts import Trial

Kind = Literal["gained", "lost", "changed", "undecidable"]
KINDS: tuple[Kind, ...] = ("gained", "lost", "changed", "undecidable")


class Example(NamedTuple):
    """A mail that a rule treats differently."""

    event_id: UUID
    message_id: str | None
    mailbox: str
    received_at: datetime
    subject: str
    why: str


@dataclass(slots=True)
class Tally:
    """Of one rule: how many mails it matches before and after, how many it treats differently, and some of these."""

    before: int = 0
    after: int = 0
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    examples: dict[Kind, list[Example]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def different(self) -> int:
        """Mails that it treats differently."""
        return sum(self.counts.values())


class Comparison:
    """Give it every mail once. Its size depends on the rules and the examples kept, not on the mails.

    `examples`: how many are kept for each rule and kind: the first ones that it is given.
    """

    def __init__(self, before: Ruleset, after: Ruleset, examples: int) -> None:
        self._before = before
        self._after = after
        self._examples = examples
        self._rewritten = _rewritten(before, after)
        self.rules: dict[str, Tally] = {}
        self.events = 0
        self.different = 0
        """Mails that at least one rule treats differently for certain: an undecidable one alone makes none."""
        self.undecidable = 0
        """Mails on which at least one rule cannot be decided any more, or as it is written now."""

    def take(self, event: MailArrived | MailSent) -> None:
        """Evaluate one mail with both rulesets."""
        attempt = attempt_of(without_waiting(event))
        facts = Facts(attempt.event)
        old, new = tried(self._before, attempt, facts), tried(self._after, attempt, facts)
        self.events += 1
        if _same(old, new):
            self._count(old)
        else:
            self._compare(treat(old, attempt), treat(new, attempt), attempt, facts)

    def _count(self, trials: Sequence[Trial]) -> None:
        """Mail that both treat alike, which most is."""
        for trial in trials:
            if trial.held:
                tally = self._tally(trial.rule.rule.id)
                tally.before += 1
                tally.after += 1

    def _compare(self, before: Treated, after: Treated, attempt: Attempt, facts: Facts) -> None:
        kinds = {rule: self._took(rule, before, after, attempt, facts) for rule in {**before.rules, **after.rules}}
        self.different += any(kind not in (None, "undecidable") for kind in kinds.values())
        self.undecidable += "undecidable" in kinds.values()

    def _tally(self, rule: str) -> Tally:
        return self.rules.get(rule) or self.rules.setdefault(rule, Tally())

    def _took(self, rule: str, before: Treated, after: Treated, attempt: Attempt, facts: Facts) -> Kind | None:
        tally = self._tally(rule)
        old, new = before.rules.get(rule), after.rules.get(rule)
        tally.before += old is not None and old.matched
        tally.after += new is not None and new.matched
        kind = kind_of(old, new, rewritten=rule in self._rewritten)
        if kind is not None:
            tally.counts[kind] += 1
            if len(tally.examples[kind]) < self._examples:
                why = self._why(kind, rule, before, after, attempt, facts)
                tally.examples[kind].append(_example(attempt, why))
        return kind

    def _why(self, kind: Kind, rule: str, before: Treated, after: Treated, attempt: Attempt, facts: Facts) -> str:
        if kind == "gained":
            return f"before: {why_not(rule, self._before, before, attempt, facts)}"
        if kind == "lost":
            return f"now: {why_not(rule, self._after, after, attempt, facts)}"
        if kind == "changed":
            return change(before.rules[rule], after.rules[rule])
        return condition(after.rules[rule].trial, facts)


def kind_of(before: Treatment | None, after: Treatment | None, *, rewritten: bool = False) -> Kind | None:
    """How a rule treats a mail differently; None: it does not.

    A rule whose conditions were `rewritten` and cannot be decided is always said to be so; another one only where it
    could be decided before.
    """
    matched_before = before is not None and before.matched
    if after is not None and not after.matched:
        return "undecidable" if rewritten or before is None or matched_before else None
    if matched_before != (after is not None):
        return "lost" if matched_before else "gained"
    return "changed" if matched_before and before != after else None


def without_waiting(event: MailArrived | MailSent) -> MailArrived | MailSent:
    """The mail as if no rule waited for Odoo: what it did not answer is not known, and the rules behind are tried."""
    if event.odoo is None or not event.odoo.missing:
        return event
    return event.model_copy(update={"odoo": event.odoo.model_copy(update={"missing": ()})})


def _same(before: Sequence[Trial], after: Sequence[Trial]) -> bool:
    """Whether the same rules answered: on one mail the same rules always answer the same."""
    return len(before) == len(after) and all(old.rule is new.rule for old, new in zip(before, after, strict=True))


def _rewritten(before: Ruleset, after: Ruleset) -> frozenset[str]:
    old, new = _conditions(before), _conditions(after)
    return frozenset(rule for rule, when in new.items() if old.get(rule) != when)


def _conditions(ruleset: Ruleset) -> Mapping[str, object]:
    return {rule: each.rule.when for box in ruleset.mailboxes.values() for rule, each in box.by_id.items()}


def _example(attempt: Attempt, why: str) -> Example:
    event = attempt.event
    return Example(event.event_id, event.message_id, event.mailbox, event.received_at, event.subject, why)
