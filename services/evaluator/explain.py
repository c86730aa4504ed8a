"""Why each rule did, or did not, act on an event: every rule is asked again, with the facts and the rules of then."""

from collections.abc import Iterator, Sequence

from schemas.command import RuleReference
from schemas.decision import Verdict
from services.evaluator.attempt import Attempt
from services.evaluator.deferral import from_deferred
from services.evaluator.facts import Facts
from services.evaluator.own_replies import REASON, is_own_reply
from services.evaluator.ruleset import CompiledRule, MailboxRules, Ruleset
from services.evaluator.selection import is_archived, select, switched_on
from services.evaluator.verdicts import Trial, try_rules


def explain(ruleset: Ruleset, attempt: Attempt) -> tuple[Verdict, ...]:
    """One verdict for each rule of the mailbox, in their order; nothing for a mailbox that is unknown."""
    box = ruleset.mailboxes.get(attempt.event.mailbox)
    if box is None:
        return ()
    rules = select(ruleset, attempt)
    if isinstance(rules, str):
        tried: tuple[CompiledRule, ...] = ()
    else:
        tried = (rules,) if isinstance(rules, CompiledRule) else _meant(rules.every, attempt)
    found = dict(_tried(from_deferred(tried, attempt) if attempt.deferred else tried, attempt))
    every = sorted(box.by_id.values(), key=lambda each: (each.rule.order, each.rule.id))
    return tuple(found.get(each.rule.id) or _not_tried(each.reference, _why(each, box, attempt)) for each in every)


def _meant(rules: tuple[CompiledRule, ...], attempt: Attempt) -> tuple[CompiledRule, ...]:
    return tuple(each for each in rules if each.asks_automatic) if is_own_reply(attempt) else rules


def _tried(rules: Sequence[CompiledRule], attempt: Attempt) -> Iterator[tuple[str, Verdict]]:
    facts = Facts(attempt.event)
    last: Trial | None = None
    for trial in try_rules(rules, facts):
        last = trial
        yield trial.rule.rule.id, trial.verdict(facts)
    if last is not None:
        yield from ((each.rule.id, _left(each, last)) for each in rules[rules.index(last.rule) + 1 :])


def _left(compiled: CompiledRule, last: Trial) -> Verdict:
    """What is said of a rule behind the last one that was tried."""
    if last.outcome == "deferred":
        return Verdict(rule=compiled.reference, outcome="deferred", reason=f"rule {last.rule.rule.id} waits for Odoo")
    return _not_tried(compiled.reference, f"stopped by rule {last.rule.rule.id}")


def _not_tried(rule: RuleReference, reason: str) -> Verdict:
    return Verdict(rule=rule, outcome="not_tried", reason=reason)


def _why(compiled: CompiledRule, box: MailboxRules, attempt: Attempt) -> str:
    """Why a rule was not among those that were tried."""
    if attempt.rule is not None and not (attempt.backlog and attempt.rule == compiled.rule.id):
        return f"only rule {attempt.rule} was asked for"
    if not compiled.rule.enabled:
        return "the rule was disabled"
    if compiled.rule.trigger != attempt.trigger:
        return f"the rule's trigger is {compiled.rule.trigger}, not {attempt.trigger}"
    if switched_on(box, attempt) and is_archived(box, attempt):
        return f"archive: the mail was received before {box.mailbox.acts_since:%Y-%m-%d %H:%M} UTC and is recorded only"
    if is_own_reply(attempt) and switched_on(box, attempt):
        return REASON
    if attempt.deferred and switched_on(box, attempt):
        return "it was decided when the mail arrived"
    direction = "incoming" if attempt.event.direction == "incoming" else "after-send"
    return f"{'automation' if not box.mailbox.automation else direction} was switched off for the mailbox"
