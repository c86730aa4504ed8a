"""An event and the rules make a decision and commands. Pure: the same input gives the same bytes, everywhere."""

from typing import NamedTuple
from uuid import UUID

from schemas.command import ActionCommand
from schemas.decision import Decision, EmittedCommand, Verdict
from schemas.decision_draft import DecisionDraft
from schemas.ids import decision_id
from services.evaluator.attempt import Attempt, Subject, attempt_of
from services.evaluator.deferral import from_deferred
from services.evaluator.facts import Facts
from services.evaluator.own_replies import is_own_reply
from services.evaluator.ruleset import ActiveRules, CompiledRule, Ruleset
from services.evaluator.selection import select
from services.evaluator.slips import commands_of
from services.evaluator.verdicts import Trial, try_rules, verdicts_of


class Evaluation(NamedTuple):
    """A decision, and the first command of every rule that matched, in rule order."""

    draft: DecisionDraft
    commands: tuple[ActionCommand, ...] = ()

    @property
    def decision(self) -> Decision:
        """The record, made anew for each who asks."""
        return self.draft.decision()


def evaluate(ruleset: Ruleset, subject: Subject) -> Evaluation:
    """Decide. There is always exactly one decision, also when there is no rule or the mailbox is off.

    It lists the rules that matched or could not be decided, and the one that was asked for; explain.py says why the
    others did not match.
    """
    attempt = attempt_of(subject)
    identity = decision_id(attempt.event.event_id, attempt.run, ruleset.version)
    rules = select(ruleset, attempt)
    if isinstance(rules, str):
        return Evaluation(_draft(ruleset, attempt, identity, rules))
    facts = Facts(attempt.event)
    trials, omitted = _listed(rules, attempt, facts)
    if not trials:
        return Evaluation(_draft(ruleset, attempt, identity, "no_match", omitted))
    matched = [trial.rule for trial in trials if trial.held and (trial.rule.rule.mode == "live" or attempt.dry_run)]
    commands = tuple(commands_of(matched, attempt, identity, ruleset.version))
    outcome, verdicts = _outcome(trials, commands), verdicts_of(trials, facts)
    emitted = tuple(_emitted(command) for command in commands)
    return Evaluation(_draft(ruleset, attempt, identity, outcome, omitted, verdicts, emitted), commands)


def _listed(rules: ActiveRules | CompiledRule, attempt: Attempt, facts: Facts) -> tuple[list[Trial], int]:
    """The trials that a decision lists, and how many rules it leaves out."""
    if isinstance(rules, CompiledRule):
        return list(try_rules([rules], facts)), 0
    candidates = rules.for_mail(facts)
    if not candidates:
        return [], len(rules)
    if is_own_reply(attempt):
        candidates = [compiled for compiled in candidates if compiled.asks_automatic]
    if attempt.deferred:
        candidates = from_deferred(candidates, attempt)
    listed = [trial for trial in try_rules(candidates, facts) if trial.held is not False]
    return listed, len(rules) - len(listed)


def _outcome(trials: list[Trial], commands: tuple[ActionCommand, ...]) -> str:
    if commands:
        return "commands"
    return "deferred" if any(trial.outcome == "deferred" for trial in trials) else "no_match"


def _emitted(command: ActionCommand) -> EmittedCommand:
    return EmittedCommand(
        command_id=command.command_id, type=command.type, rule=command.rule.id, action=command.step.action.id
    )


def _draft(
    ruleset: Ruleset,
    attempt: Attempt,
    identity: UUID,
    outcome: str,
    omitted: int = 0,
    verdicts: tuple[Verdict, ...] = (),
    commands: tuple[EmittedCommand, ...] = (),
) -> DecisionDraft:
    """Every field, in the order of the record: its bytes must not depend on how it was made."""
    event = attempt.event
    return DecisionDraft(
        {
            "decision_id": identity,
            "event_id": event.event_id,
            "run": attempt.run,
            "run_at": attempt.run_at,
            "received_at": event.received_at,
            "ruleset_version": ruleset.version,
            "mailbox": event.mailbox,
            "conversation": event.conversation,
            "message_id": event.message_id,
            "content_uri": event.content.uri,
            "direction": event.direction,
            "trigger": attempt.trigger,
            "dry_run": attempt.dry_run,
            "outcome": outcome,
            "verdicts": verdicts,
            "verdicts_omitted": omitted,
            "commands": commands,
        }
    )
