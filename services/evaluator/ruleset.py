"""The rules of one version, compiled: immutable, shared by everything that evaluates, replaced as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from schemas.command import RuleReference, Step
from schemas.decision_draft import Found
from schemas.mailbox import Mailbox
from schemas.rule import Rule, RuleChanged, Trigger
from schemas.scope import duration_of
from services.evaluator.conditions.check import Ask
from services.evaluator.conditions.registry import compile_condition
from services.evaluator.facts import Facts
from services.evaluator.index.guards import Guard, guard_of
from services.evaluator.index.rule_index import RuleIndex
from services.evaluator.own_replies import asks_for_automatic

Direction = Literal["incoming", "outgoing"]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be tried."""

    rule: Rule
    reference: RuleReference
    ask: Ask
    steps: tuple[Step, ...]
    moves: bool
    """Whether an action of it moves the mail."""
    lasts: timedelta | None
    """How long after the decision an action of it may begin; None: always."""
    guard: Guard | None
    """What a mail must have for the rule to match; None: it may match any."""
    asks_automatic: bool
    """Whether it is meant for automatic mail too, where that is otherwise left alone."""


def compile_rule(changed: RuleChanged) -> CompiledRule:
    """Once per revision."""
    rule = changed.rule
    return CompiledRule(
        rule=rule,
        reference=RuleReference(id=rule.id, revision=changed.revision, name=rule.name),
        ask=compile_condition(rule.when).asking(),
        steps=tuple(Step(action=action) for action in rule.actions),
        moves=any(action.type == "move_folder" for action in rule.actions),
        lasts=duration_of(rule.expires_after) if rule.expires_after else None,
        guard=guard_of(rule.when),
        asks_automatic=asks_for_automatic(rule.when),
    )


class ActiveRules:
    """Rules in the order in which they are tried, and the index over them."""

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.every = tuple(rules)
        self._index = RuleIndex([compiled.guard for compiled in self.every])

    def __len__(self) -> int:
        return len(self.every)

    def none_holds(self, facts: Facts) -> bool:
        """Whether surely none matches the mail."""
        positions = self._index.candidates(facts)
        return not positions or all(self.every[position].ask(facts)[0] is False for position in positions)

    def for_mail(self, facts: Facts) -> Sequence[CompiledRule]:
        """Those that can match the mail, in order; the others surely do not."""
        positions = self._index.candidates(facts)
        return [self.every[position] for position in positions] if positions else ()


class LiveRules(NamedTuple):
    """The rules that are tried on a mail as it comes, at least one."""

    rules: ActiveRules
    no_match: Found
    """What is found where none can match."""
    since: datetime | None
    """On mail that was received earlier they are not tried; None: on all."""


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """A mailbox with its rules: `active` are the enabled ones per trigger."""

    mailbox: Mailbox
    active: Mapping[Trigger, ActiveRules]
    by_id: Mapping[str, CompiledRule]
    live: Mapping[Direction, LiveRules]
    """Where rules are tried on live mail."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything that decides. Version 0: nothing was ever published."""

    version: int = 0
    mailboxes: Mapping[str, MailboxRules] = field(default_factory=dict)

    @property
    def active_rules(self) -> int:
        """How many rules are enabled in mailboxes that exist."""
        return sum(len(rules) for box in self.mailboxes.values() for rules in box.active.values())


def build_ruleset(version: int, mailboxes: Iterable[Mailbox], rules: Iterable[CompiledRule]) -> Ruleset:
    """Rules of a mailbox that does not exist are left out: no mail can reach them."""
    per_mailbox: dict[str, list[CompiledRule]] = defaultdict(list)
    for compiled in sorted(rules, key=lambda each: (each.rule.order, each.rule.id)):
        per_mailbox[compiled.rule.mailbox].append(compiled)
    return Ruleset(version, {box.id: _mailbox_rules(box, per_mailbox[box.id]) for box in mailboxes})


def _mailbox_rules(mailbox: Mailbox, rules: list[CompiledRule]) -> MailboxRules:
    active: dict[Trigger, list[CompiledRule]] = {"incoming": [], "after_send": [], "manual": []}
    for compiled in rules:
        if compiled.rule.enabled:
            active[compiled.rule.trigger].append(compiled)
    by_trigger = {trigger: ActiveRules(found) for trigger, found in active.items()}
    by_id = {compiled.rule.id: compiled for compiled in rules}
    return MailboxRules(mailbox, by_trigger, by_id, dict(_live(mailbox, by_trigger)))


def _live(mailbox: Mailbox, active: Mapping[Trigger, ActiveRules]) -> Iterator[tuple[Direction, LiveRules]]:
    ways: tuple[tuple[Direction, Trigger, bool], ...] = (
        ("incoming", "incoming", mailbox.incoming),
        ("outgoing", "after_send", mailbox.after_send),
    )
    for direction, trigger, on in ways:
        if mailbox.automation and on and (rules := active[trigger]):
            no_match = Found(direction, trigger, dry_run=False, outcome="no_match", verdicts_omitted=len(rules))
            yield direction, LiveRules(rules, no_match, mailbox.acts_since)
