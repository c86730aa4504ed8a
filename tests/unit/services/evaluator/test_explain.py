"""Every rule of a mailbox has a verdict, and one that was not tried says why."""

from typing import Any

import pytest

from services.evaluator.attempt import attempt_of
from services.evaluator.explain import explain
from tests.unit.services.evaluator.making import event, mailbox, request, rule, ruleset, sent

NEVER = {"type": "subject", "contains": ["nothing of the kind"]}


def test_each_rule_says_which_condition_decided_and_what_it_saw() -> None:
    rules = ruleset([rule("hit", order=2, stop_processing=True), rule("miss", order=1, when=NEVER), rule("later")])
    miss, hit, later = explain(rules, attempt_of(event()))
    assert (miss.rule.id, miss.outcome) == ("miss", "not_matched")
    (finding,) = miss.because
    assert (finding.path, finding.held, finding.seen) == ("subject", False, "Invoice 4711")
    assert (hit.rule.id, hit.outcome) == ("hit", "matched")
    assert (later.outcome, later.reason) == ("not_tried", "stopped by rule hit")


@pytest.mark.parametrize(
    ("fields", "box", "reason"),
    [
        ({"enabled": False}, {}, "the rule was disabled"),
        ({"trigger": "after_send"}, {}, "the rule's trigger is after_send, not incoming"),
        ({}, {"automation": False}, "automation was switched off for the mailbox"),
        ({}, {"incoming": False}, "incoming was switched off for the mailbox"),
    ],
)
def test_a_rule_that_was_not_tried_says_why(fields: dict[str, Any], box: dict[str, Any], reason: str) -> None:
    (found,) = explain(ruleset([rule("r", **fields)], mailbox(**box)), attempt_of(event()))
    assert (found.outcome, found.reason) == ("not_tried", reason)


def test_after_send_names_its_own_switch() -> None:
    rules = ruleset([rule("r", trigger="after_send")], mailbox(after_send=False))
    (found,) = explain(rules, attempt_of(sent()))
    assert found.reason == "after-send was switched off for the mailbox"


def test_a_run_of_one_rule_tried_no_other() -> None:
    rules = ruleset([rule("a"), rule("b", enabled=False)])
    first, second = explain(rules, attempt_of(request(event(), rule="b")))
    assert (first.reason, second.outcome) == ("only rule b was asked for", "matched")


def test_a_mailbox_that_is_unknown_has_no_rules() -> None:
    assert explain(ruleset([rule("r")], mailbox("sales")), attempt_of(event())) == ()
