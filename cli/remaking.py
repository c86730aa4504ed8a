"""Decisions of the log made again, from the facts that the event froze and the rules of the version that decided.

Deciding is pure, so what is made again is what was decided; that it is so is checked against the log each time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from runtime.postgres import Database
from schemas.decision import Verdict
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailEvent
from schemas.rule import RuleChanged
from services.console.past import PastSet, set_as_of
from services.evaluator.attempt import Attempt, attempt_of
from services.evaluator.explain import explain
from services.evaluator.ruleset import Ruleset, build_ruleset, compile_rule

_EVENT: TypeAdapter[Any] = TypeAdapter(MailEvent)


@dataclass(frozen=True, slots=True)
class Remade:
    """A decision of the log with a verdict for each rule. `agrees`: the same rules match as the log says."""

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
    verdicts = explain(_ruleset(past, logged["ruleset_version"]), _attempt(logged))
    matched = {(each.rule.id, each.rule.revision) for each in verdicts if each.outcome == "matched"}
    return Remade(logged, past, verdicts, agrees=matched == _matched(logged))


def _matched(logged: Mapping[str, Any]) -> set[tuple[str, int]]:
    verdicts = json.loads(logged["verdicts"])
    return {(each["rule"]["id"], each["rule"]["revision"]) for each in verdicts if each["outcome"] == "matched"}


def _ruleset(past: PastSet, version: int) -> Ruleset:
    rules = [RuleChanged(version=each.version, revision=each.revision, rule=each.rule) for each in past.rules]
    return build_ruleset(version, [each.mailbox for each in past.mailboxes], map(compile_rule, rules))


def _attempt(logged: Mapping[str, Any]) -> Attempt:
    """A manual run is of one rule, which its decision names, matched or not."""
    if logged["request"] is not None:
        return attempt_of(EvaluationRequested.model_validate_json(logged["request"]))
    verdicts = json.loads(logged["verdicts"])
    asked = verdicts[0]["rule"]["id"] if logged["trigger"] == "manual" and verdicts else None
    return Attempt(
        event=_EVENT.validate_json(logged["value"]),
        run=logged["run"],
        run_at=logged["run_at"],
        trigger=logged["trigger"],
        rule=asked,
        dry_run=logged["dry_run"],
    )
