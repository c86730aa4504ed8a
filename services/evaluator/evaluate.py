"""An event and the rules make a decision and commands. Pure: the same input gives the same bytes, everywhere."""

from dataclasses import dataclass
from uuid import UUID

from schemas.command import ActionCommand
from schemas.decision import Decision, EmittedCommand
from schemas.ids import decision_id
from services.evaluator.attempt import Attempt, Subject, attempt_of
from services.evaluator.facts import Facts
from services.evaluator.ruleset import Ruleset
from services.evaluator.selection import select
from services.evaluator.slips import commands_of
from services.evaluator.verdicts import try_rules


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The decision, and the first command of every rule that matched, in rule order."""

    decision: Decision
    commands: tuple[ActionCommand, ...] = ()


def evaluate(ruleset: Ruleset, subject: Subject) -> Evaluation:
    """Decide. There is always exactly one decision, also when there is no rule or the mailbox is off."""
    attempt = attempt_of(subject)
    identity = decision_id(attempt.event.event_id, attempt.run, ruleset.version)
    rules = select(ruleset, attempt)
    if isinstance(rules, str):
        return Evaluation(_decision(ruleset, attempt, identity, outcome=rules))
    tried = try_rules(rules, Facts(attempt.event))
    commands = tuple(commands_of(tried.matched, attempt, identity))
    decision = _decision(
        ruleset,
        attempt,
        identity,
        outcome="commands" if commands else "no_match",
        verdicts=tuple(tried.verdicts),
        verdicts_omitted=tried.omitted,
        commands=tuple(_emitted(command) for command in commands),
    )
    return Evaluation(decision, commands)


def _emitted(command: ActionCommand) -> EmittedCommand:
    return EmittedCommand(
        command_id=command.command_id, type=command.type, rule=command.rule.id, action=command.step.action.id
    )


def _decision(ruleset: Ruleset, attempt: Attempt, identity: UUID, **found: object) -> Decision:
    event = attempt.event
    return Decision.model_validate(
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
            **found,
        }
    )
