"""Mail from before a mailbox's `actions_since` is recorded without actions, unless somebody asks for one rule on it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.evaluation import EvaluationRequested
from services.evaluator.attempt import Subject, attempt_of
from services.evaluator.evaluate import evaluate
from services.evaluator.explain import explain
from tests.unit.services.evaluator.making import NOON, event, mailbox, request, rule, ruleset, sent

LATER = NOON + timedelta(microseconds=1)
NEVER = {"type": "subject", "contains": ["nothing of the kind"]}


@pytest.mark.parametrize("when", [{"all": []}, NEVER])
@pytest.mark.parametrize(("since", "archived"), [(LATER, True), (NOON, False), ("beginning", False), (None, False)])
def test_mail_that_was_received_before_is_archived_whether_rules_match_it_or_not(
    when: Any, since: datetime | str | None, archived: bool
) -> None:
    rules = ruleset([rule("r", when)], mailbox(actions_since=since))
    found = evaluate(rules, event())
    assert (found.decision.outcome == "archived") is archived
    assert bool(found.commands) is (not archived and when != NEVER)
    assert not archived or found.decision.verdicts == ()


def test_sent_mail_too() -> None:
    rules = ruleset([rule("r", trigger="after_send")], mailbox(actions_since=LATER))
    assert evaluate(rules, sent()).decision.outcome == "archived"


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (request(event(), rule="r"), "commands"),
        (request(event(), run="backlog-r-r1", rule="r", backlog=True), "commands"),
        (request(event(), run="facts-7"), "archived"),
        (request(event(), run="replay-1"), "archived"),
        (request(event(), dry_run=True), "archived"),
    ],
)
def test_only_who_names_a_rule_reaches_the_archive(asked: EvaluationRequested, outcome: str) -> None:
    rules = ruleset([rule("r")], mailbox(actions_since=LATER))
    assert evaluate(rules, asked).decision.outcome == outcome


def test_a_mailbox_that_is_off_says_so_first() -> None:
    rules = ruleset([rule("r")], mailbox(actions_since=LATER, automation=False))
    assert evaluate(rules, event()).decision.outcome == "mailbox_off"


def test_explain_says_why_no_rule_was_tried() -> None:
    subject: Subject = event()
    (verdict,) = explain(ruleset([rule("r")], mailbox(actions_since=LATER)), attempt_of(subject))
    assert verdict.outcome == "not_tried"
    assert verdict.reason == "archive: the mail was received before 2026-03-01 12:00 UTC and is recorded only"
