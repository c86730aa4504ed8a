"""Odoo did not answer in time: rules before act at once, the rest when the facts are there, none of them twice."""

from typing import Any

from schemas.facts import OdooFacts
from schemas.mail import MailArrived
from services.evaluator.attempt import attempt_of
from services.evaluator.evaluate import Evaluation, evaluate
from services.evaluator.explain import explain
from tests.unit.services.evaluator.making import NOON, event, request, rule, ruleset
from tests.unit.services.evaluator.test_domain_condition import GERMAN, OTHER, partner

RULES = [
    rule("before", order=1),
    rule("waits", order=2, when=GERMAN),
    rule("after", order=3),
    rule("never", order=4, when=OTHER),
]


def mail(**odoo: Any) -> MailArrived:
    return event().model_copy(update={"odoo": OdooFacts(read_at=NOON, **odoo)})


LACKING = mail(missing=("partner",))
FILLED = request(mail(partner=partner("DE")), run="facts-7", deferred=("partner",))


def acted(evaluation: Evaluation) -> list[str]:
    return [command.rule.id for command in evaluation.commands]


def test_the_rule_that_waits_and_those_after_it_are_decided_later() -> None:
    rules = ruleset(RULES)
    now, later = evaluate(rules, LACKING), evaluate(rules, FILLED)
    assert (acted(now), acted(later)) == (["before"], ["waits", "after"])
    assert [(each.rule.id, each.outcome) for each in now.decision.verdicts] == [
        ("before", "matched"),
        ("waits", "deferred"),
    ]
    assert now.decision.outcome == "commands"


def test_a_mail_that_only_waits_is_no_mail_without_a_match() -> None:
    assert evaluate(ruleset(RULES[1:]), LACKING).decision.outcome == "deferred"


def test_a_rule_that_another_condition_settles_waits_for_nothing() -> None:
    rules = ruleset([rule("waits", when={"all": [GERMAN, OTHER]}), rule("z")])
    assert acted(evaluate(rules, LACKING)) == ["z"]
    assert acted(evaluate(rules, FILLED)) == []


def test_a_rule_that_stops_stops_also_what_would_have_waited() -> None:
    rules = ruleset([rule("first", order=1, stop_processing=True), *RULES[1:]])
    assert acted(evaluate(rules, LACKING)) == ["first"]
    assert acted(evaluate(rules, FILLED)) == []


def test_rules_that_changed_meanwhile_leave_nothing_undone_and_nothing_twice() -> None:
    assert acted(evaluate(ruleset([RULES[0], RULES[2]]), FILLED)) == []


def test_a_watched_rule_makes_nothing_wait() -> None:
    rules = ruleset([rule("watched", order=1, when=GERMAN, mode="shadow"), rule("z", order=2)])
    assert acted(evaluate(rules, LACKING)) == ["z"]


def test_explained() -> None:
    rules = ruleset(RULES)
    now = explain(rules, attempt_of(LACKING))
    assert [each.outcome for each in now] == ["matched", "deferred", "deferred", "deferred"]
    assert [each.reason for each in now[2:]] == ["rule waits waits for Odoo"] * 2
    later = explain(rules, attempt_of(FILLED))
    assert [each.outcome for each in later] == ["not_tried", "matched", "matched", "not_matched"]
    assert later[0].reason == "it was decided when the mail arrived"
