"""Going on where an evaluation had to stop since Odoo did not answer in time."""

from collections.abc import Sequence

from schemas.facts import OdooFacts
from schemas.mail import MailArrived, MailSent
from services.evaluator.attempt import Attempt
from services.evaluator.facts import Facts
from services.evaluator.ruleset import CompiledRule
from services.evaluator.verdicts import try_rules


def from_deferred(rules: Sequence[CompiledRule], attempt: Attempt) -> Sequence[CompiledRule]:
    """The rules from the one on that cannot be decided without the facts that were missing.

    Those before it acted then. Where the rules have changed since and none needs these facts, none is left.
    """
    then = Facts(_lacking(attempt))
    waiting = next((trial.rule for trial in try_rules(rules, then) if trial.outcome == "deferred"), None)
    return rules[rules.index(waiting) :] if waiting else ()


def _lacking(attempt: Attempt) -> MailArrived | MailSent:
    """The event as it was first evaluated."""
    odoo = attempt.event.odoo or OdooFacts(read_at=attempt.event.recorded_at)
    without: dict[str, object] = dict.fromkeys(attempt.deferred)
    lacking = odoo.model_copy(update={**without, "missing": attempt.deferred})
    return attempt.event.model_copy(update={"odoo": lacking})
