"""What one ruleset does with one mail, rule by rule: the commands that an evaluation would emit, without a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from schemas.command import ActionCommand, Step
from services.evaluator.attempt import Attempt
from services.evaluator.facts import Facts
from services.evaluator.ruleset import ActiveRules, Ruleset
from services.evaluator.selection import select
from services.evaluator.slips import commands_of
from services.evaluator.verdicts import Trial, try_rules

_NO_DECISION = UUID(int=0)
_OF_THE_EVALUATION = {"decision_id", "run", "run_at", "rule", "ruleset_version", "trigger", "event", "dry_run", "force"}
_STEPS = {"step", "slip"}
_TERMS = tuple(name for name in ActionCommand.model_fields if name not in _OF_THE_EVALUATION | _STEPS)
"""The fields of a command that say how its steps are carried out, also those that come later."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a rule that matched, or cannot be decided, does. Equal to another when it does the same."""

    trial: Trial = field(compare=False)
    matched: bool
    shadow: bool
    terms: tuple[tuple[str, object], ...] = ()
    """How the steps are carried out, such as `on_error`."""
    steps: tuple[Step, ...] = ()
    """With what the evaluation settled: windows that are shut, moves that another rule won. None of a watched rule."""


class Treated(NamedTuple):
    """A whole evaluation. A rule that is not in it does nothing."""

    rules: Mapping[str, Treatment]
    stopped_by: str = ""
    """The rule that ended it; empty: all were tried."""


def tried(ruleset: Ruleset, attempt: Attempt, facts: Facts) -> list[Trial]:
    """The rules that match or cannot be decided, as services/evaluator/evaluate.py finds them.

    `facts`: those of the attempt's event, shared by all rulesets.
    """
    rules = select(ruleset, attempt)
    if not isinstance(rules, ActiveRules):
        return []
    return [trial for trial in try_rules(rules.for_mail(facts), facts) if trial.held is not False]


def treat(trials: list[Trial], attempt: Attempt) -> Treated:
    """The commands that follow from them."""
    acting = [trial.rule for trial in trials if trial.held and trial.rule.rule.mode == "live"]
    commands = {command.rule.id: command for command in commands_of(acting, attempt, _NO_DECISION, version=0)}
    found = {trial.rule.rule.id: _treatment(trial, commands.get(trial.rule.rule.id)) for trial in trials}
    return Treated(found, _stopped_by(trials))


def _treatment(trial: Trial, command: ActionCommand | None) -> Treatment:
    shadow = trial.rule.rule.mode == "shadow"
    if command is None:
        return Treatment(trial, matched=trial.held is True, shadow=shadow)
    terms = tuple((name, getattr(command, name)) for name in _TERMS)
    return Treatment(trial, matched=True, shadow=shadow, terms=terms, steps=(command.step, *command.slip))


def _stopped_by(trials: list[Trial]) -> str:
    last = trials[-1] if trials else None
    if last is None or not last.held or last.rule.rule.mode == "shadow" or not last.rule.rule.stop_processing:
        return ""
    return last.rule.rule.id
