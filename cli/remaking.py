"""Decisions of the log made again, from the facts that the event froze and the rules of the version that decided.

Deciding is pure, so what is made again is what was decided; that it is so is checked against the log each time.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from runtime.postgres import Database
from schemas.decision import Verdict
from schemas.evaluation import EvaluationRequested
from schemas.ids import BACKLOG, FACTS, LIVE
from schemas.mail import MailArrived, MailEvent, MailSent
from schemas.rule import RuleChanged
from services.console.past import PastSet, set_as_of
from services.evaluator.attempt import Attempt, attempt_of
from services.evaluator.explain import explain
from services.evaluator.ruleset import Ruleset, build_ruleset, compile_rule
from services.evaluator.verdicts import WAITS

_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)
LISTED = ("matched", "undecidable", "deferred")
"""Outcomes that a decision lists for every rule; of others it lists the rule that was asked for."""
_NONE_TRIED = {
    "mailbox_off": "the mailbox was switched off",
    "rule_unknown": "only one rule was asked for, which did not exist",
}


@dataclass(frozen=True, slots=True)
class Remade:
    """A decision of the log with a verdict for each rule.

    `agrees`: the same rules match, wait for Odoo or cannot be decided as the log says.
    """

    logged: Mapping[str, Any]
    past: PastSet
    verdicts: tuple[Verdict, ...]
    agrees: bool

    def missing(self, rule_id: str) -> str:
        """Why there is no verdict of a rule."""
        version = self.logged["ruleset_version"]
        for stored in self.past.rules:
            if stored.rule.id == rule_id:
                return f"rule {rule_id} belonged to mailbox {stored.rule.mailbox}, not {self.logged['mailbox']}"
        return f"there was no rule {rule_id} in version {version} of the rules, which decided"


async def remake(database: Database, logged: Mapping[str, Any]) -> Remade:
    """`logged` is a row of the query `decisions_of`."""
    past = await set_as_of(database, logged["ruleset_version"])
    ruleset, expected = _ruleset(past, logged["ruleset_version"]), _logged_outcomes(logged)
    found = [Remade(logged, past, verdicts, _outcomes(verdicts) == expected) for verdicts in _decided(ruleset, logged)]
    return next((each for each in found if each.agrees), found[0])


def _decided(ruleset: Ruleset, logged: Mapping[str, Any]) -> Iterator[tuple[Verdict, ...]]:
    attempts = attempts_again(logged)
    if not attempts:
        yield _nothing_tried(ruleset, logged)
    yield from (explain(ruleset, attempt) for attempt in attempts)


def attempts_again(logged: Mapping[str, Any]) -> Sequence[Attempt]:
    """The evaluation that a row of `decisions_of` is about, with the event as it was then.

    Two where a run began before Odoo answered late: the likelier one first. None where one rule was asked for and none
    was tried: then the log does not say which.
    """
    run = str(logged["run"])
    if logged["request"] is not None and run.startswith(FACTS):
        return [attempt_of(EvaluationRequested.model_validate_json(logged["request"]))]
    asked = _asked(logged)
    if asked is None and logged["trigger"] == "manual":
        return []
    return [
        Attempt(
            event=event,
            run=run,
            run_at=logged["run_at"],
            trigger=logged["trigger"],
            rule=asked,
            dry_run=logged["dry_run"],
            backlog=run.startswith(BACKLOG),
        )
        for event in _events(logged)
    ]


def _asked(logged: Mapping[str, Any]) -> str | None:
    """The one rule that was asked for: a backlog's run names it, others list it, matched or not, once it was tried."""
    if logged["run"].startswith(BACKLOG):
        return str(logged["run"]).removeprefix(BACKLOG).rpartition("-")[0]
    verdicts = json.loads(logged["verdicts"])
    return str(verdicts[0]["rule"]["id"]) if logged["trigger"] == "manual" and verdicts else None


def first_event(logged: Mapping[str, Any]) -> MailArrived | MailSent:
    """The event of a row of `decisions_of`, as it was first published."""
    return _EVENT.validate_json(logged["value"])


def _events(logged: Mapping[str, Any]) -> Sequence[MailArrived | MailSent]:
    """As it was first published; for later runs also with what Odoo had answered, when it had."""
    first = first_event(logged)
    if logged["run"] == LIVE or logged["request"] is None:
        return [first]
    complete = EvaluationRequested.model_validate_json(logged["request"]).event
    return [complete, first] if logged["answered_at"] <= logged["run_at"] else [first, complete]


def _outcomes(verdicts: Iterable[Verdict]) -> set[tuple[str, int, str]]:
    """What a decision lists. Rules behind the one that waits for Odoo wait too, and are not listed."""
    return {
        (each.rule.id, each.rule.revision, each.outcome)
        for each in verdicts
        if each.outcome in ("matched", "undecidable") or (each.outcome == "deferred" and each.reason == WAITS)
    }


def _logged_outcomes(logged: Mapping[str, Any]) -> set[tuple[str, int, str]]:
    return {
        (each["rule"]["id"], each["rule"]["revision"], each["outcome"])
        for each in json.loads(logged["verdicts"])
        if each["outcome"] in LISTED
    }


def _nothing_tried(ruleset: Ruleset, logged: Mapping[str, Any]) -> tuple[Verdict, ...]:
    box = ruleset.mailboxes.get(logged["mailbox"])
    reason = _NONE_TRIED.get(logged["outcome"], "no rule was tried")
    rules = sorted(box.by_id.values(), key=lambda each: (each.rule.order, each.rule.id)) if box else []
    return tuple(Verdict(rule=each.reference, outcome="not_tried", reason=reason) for each in rules)


def _ruleset(past: PastSet, version: int) -> Ruleset:
    rules = [RuleChanged(version=each.version, revision=each.revision, rule=each.rule) for each in past.rules]
    return build_ruleset(version, [each.mailbox for each in past.mailboxes], map(compile_rule, rules))
