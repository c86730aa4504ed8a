"""An event and the rules make a decision and commands. Pure: the same input gives the same bytes, everywhere."""

from typing import NamedTuple

from schemas.command import ActionCommand
from schemas.decision import Decision, EmittedCommand, Verdict
from schemas.decision_draft import DecisionDraft, Found
from schemas.evaluation import EvaluationRequested
from schemas.ids import LIVE, decision_id
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
    if type(subject) is EvaluationRequested:  # isinstance asks pydantic's metaclass: as dear as looking into the index
        return decide(ruleset, attempt_of(subject), Facts(subject.event))
    facts = Facts(subject)
    box = ruleset.mailboxes.get(subject.mailbox)
    live = box.live.get(subject.direction) if box else None
    tried = live and (live.since is None or subject.received_at >= live.since)
    if live and tried and live.rules.none_holds(facts):  # of most mail nothing else is to be said
        return Evaluation(DecisionDraft(subject, LIVE, subject.recorded_at, ruleset.version, live.no_match))
    return decide(ruleset, attempt_of(subject), facts)


def decide(ruleset: Ruleset, attempt: Attempt, facts: Facts) -> Evaluation:
    """The same of any attempt; `facts`: of its event."""
    rules = select(ruleset, attempt)
    if isinstance(rules, str):
        return Evaluation(_draft(ruleset, attempt, rules))
    trials, omitted = _listed(rules, attempt, facts)
    if not trials:
        return Evaluation(_draft(ruleset, attempt, "no_match", omitted))
    matched = [trial.rule for trial in trials if trial.held and (trial.rule.rule.mode == "live" or attempt.dry_run)]
    identity = decision_id(attempt.event.event_id, attempt.run, ruleset.version)
    commands = tuple(commands_of(matched, attempt, identity, ruleset.version))
    verdicts, emitted = verdicts_of(trials, facts), tuple(_emitted(command) for command in commands)
    return Evaluation(_draft(ruleset, attempt, _outcome(trials, commands), omitted, verdicts, emitted), commands)


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
    outcome: str,
    omitted: int = 0,
    verdicts: tuple[Verdict, ...] = (),
    commands: tuple[EmittedCommand, ...] = (),
) -> DecisionDraft:
    event = attempt.event
    found = Found(event.direction, attempt.trigger, attempt.dry_run, outcome, verdicts, omitted, commands)
    return DecisionDraft(event, attempt.run, attempt.run_at, ruleset.version, found)
