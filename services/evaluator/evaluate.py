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
from services.evaluator.verdicts import Tried

NO_VERDICTS = b'"verdicts":[]'
"""Where an outline's verdicts go. No text can look like it: inside of texts JSON escapes quotes."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A decision in two parts, and the first command of every rule that matched, in rule order.

    `outline` is the decision without its verdicts: all that is needed to go on.
    """

    outline: Decision
    tried: Tried | None = None
    commands: tuple[ActionCommand, ...] = ()

    @property
    def decision(self) -> Decision:
        """The whole decision."""
        verdicts = self.tried.verdicts if self.tried else ()
        return self.outline.model_copy(update={"verdicts": verdicts})

    def complete(self, outline: bytes) -> bytes:
        """The JSON of the whole decision, made of the outline's: the same bytes as `decision.to_json()`."""
        if self.tried is None:
            return outline
        return outline.replace(NO_VERDICTS, b'"verdicts":' + self.tried.json().encode(), 1)


def evaluate(ruleset: Ruleset, subject: Subject) -> Evaluation:
    """Decide. There is always exactly one decision, also when there is no rule or the mailbox is off."""
    attempt = attempt_of(subject)
    identity = decision_id(attempt.event.event_id, attempt.run, ruleset.version)
    rules = select(ruleset, attempt)
    if isinstance(rules, str):
        return Evaluation(_outline(ruleset, attempt, identity, outcome=rules))
    which = (attempt.event.mailbox, attempt.trigger, attempt.rule)
    tried = ruleset.shapes.try_rules(rules, Facts(attempt.event), which)
    commands = tuple(commands_of(tried.matched, attempt, identity))
    outline = _outline(
        ruleset,
        attempt,
        identity,
        outcome="commands" if commands else "no_match",
        verdicts_omitted=tried.shape.omitted,
        commands=tuple(_emitted(command) for command in commands),
    )
    return Evaluation(outline, tried, commands)


def _emitted(command: ActionCommand) -> EmittedCommand:
    return EmittedCommand(
        command_id=command.command_id, type=command.type, rule=command.rule.id, action=command.step.action.id
    )


def _outline(ruleset: Ruleset, attempt: Attempt, identity: UUID, **found: object) -> Decision:
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
