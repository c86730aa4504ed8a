"""The rules of one version, compiled: immutable, shared by everything that evaluates, replaced as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.command import RuleReference, Step
from schemas.mailbox import Mailbox
from schemas.rule import Rule, RuleChanged, Trigger
from services.evaluator.conditions.check import Ask
from services.evaluator.conditions.registry import compile_condition
from services.evaluator.verdicts import Shapes


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be tried."""

    rule: Rule
    reference: RuleReference
    ask: Ask
    steps: tuple[Step, ...]
    moves: bool
    """Whether an action of it moves the mail."""


def compile_rule(changed: RuleChanged) -> CompiledRule:
    """Once per revision."""
    rule = changed.rule
    return CompiledRule(
        rule=rule,
        reference=RuleReference(id=rule.id, revision=changed.revision, name=rule.name),
        ask=compile_condition(rule.when).asking(),
        steps=tuple(Step(action=action) for action in rule.actions),
        moves=any(action.type == "move_folder" for action in rule.actions),
    )


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """A mailbox with its rules: `active` are the enabled ones per trigger, in the order in which they are tried."""

    mailbox: Mailbox
    active: Mapping[Trigger, tuple[CompiledRule, ...]]
    by_id: Mapping[str, CompiledRule]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything that decides. Version 0: nothing was ever published."""

    version: int = 0
    mailboxes: Mapping[str, MailboxRules] = field(default_factory=dict)
    shapes: Shapes = field(default_factory=Shapes, compare=False, repr=False)
    """What it decided before; makes nothing but speed."""

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
    return MailboxRules(
        mailbox,
        {trigger: tuple(found) for trigger, found in active.items()},
        {compiled.rule.id: compiled for compiled in rules},
    )
