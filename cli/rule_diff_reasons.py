"""Why a rule treats a mail differently, in one line for an example."""

from cli.rule_diff_treatment import Treated, Treatment
from cli.verdict_lines import finding_line
from schemas.command import Step
from services.evaluator.attempt import Attempt
from services.evaluator.facts import Facts
from services.evaluator.ruleset import Ruleset
from services.evaluator.selection import switched_on
from services.evaluator.verdicts import Trial


def why_not(rule_id: str, ruleset: Ruleset, treated: Treated, attempt: Attempt, facts: Facts) -> str:
    """Why a rule did not match in an evaluation."""
    box = ruleset.mailboxes.get(attempt.event.mailbox)
    compiled = box.by_id.get(rule_id) if box else None
    if box is None or compiled is None:
        return "there is no such rule in the mailbox"
    if not compiled.rule.enabled:
        return "the rule is disabled"
    if compiled.rule.trigger != attempt.trigger:
        return f"its trigger is {compiled.rule.trigger}"
    if not switched_on(box, attempt):
        return "the mailbox is switched off"
    trial = Trial(compiled, *compiled.ask(facts))
    return f"stopped by rule {treated.stopped_by}" if trial.held else condition(trial, facts)


def condition(trial: Trial, facts: Facts) -> str:
    """The first condition that settled a rule, or left it open."""
    return next((finding_line(each.model_dump()) for each in trial.verdict(facts, 1).because), "")


def change(before: Treatment, after: Treatment) -> str:
    """What a rule that matches as before does otherwise."""
    if before.shadow != after.shadow:
        return "now it is watched only" if after.shadow else "now it acts; before it was watched only"
    old, new = ({step.action.id: step for step in each.steps} for each in (before, after))
    said = [
        f"{identity}: {_step_change(old.get(identity), new.get(identity))}"
        for identity in {**old, **new}
        if old.get(identity) != new.get(identity)
    ]
    if not said:
        said = [f"{name}: {value}" for name, value in after.terms if (name, value) not in before.terms]
    return "; ".join(said) or "its actions come in another order"


def _step_change(before: Step | None, after: Step | None) -> str:
    if before is None or after is None:
        return "a new action" if before is None else "the action is gone"
    if before.skip != after.skip:
        return f"skipped, {after.skip}" if after.skip else f"acts now; before skipped, {before.skip}"
    return "the action is another"
