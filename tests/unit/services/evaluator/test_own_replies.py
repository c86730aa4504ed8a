"""After-send rules and the automatic replies of the mailbox itself."""

from typing import Any

import pytest

from schemas.mail import MailSent, ReplyState
from services.evaluator.attempt import attempt_of
from services.evaluator.evaluate import evaluate
from services.evaluator.explain import explain
from services.evaluator.own_replies import REASON, asks_for_automatic
from tests.unit.services.evaluator.making import condition, event, request, rule, ruleset, sent

AUTOMATIC = {"type": "reply_state", "equals": "automatic"}
PERSONAL = {"type": "reply_state", "equals": "personal"}
SUBJECT = {"type": "subject", "contains": ["Re:"]}


def reply(*signals: str) -> MailSent:
    state = ReplyState(is_reply=True, first_contact=False, answered=True, automatic=signals or ("auto-submitted",))
    return sent(reply_state=state)


def after_send(identity: str, when: Any = None, **fields: Any) -> Any:
    return rule(identity, when, trigger="after_send", **fields)


RULES = ruleset(
    [
        after_send("all"),
        after_send("asks", {"all": [SUBJECT, AUTOMATIC]}),
        after_send("either", {"any": [SUBJECT, {"all": [AUTOMATIC]}]}),
        after_send("not", {"none": [AUTOMATIC]}),
        after_send("personal", PERSONAL),
        after_send("subject", SUBJECT, stop_processing=True, order=1),
    ]
)


def acting(mail: Any) -> list[str]:
    return [command.rule.id for command in evaluate(RULES, mail).commands]


def test_only_rules_that_ask_for_automatic_mail_act_on_our_own_reply() -> None:
    assert acting(reply()) == ["asks", "either"]
    assert acting(reply("precedence", "auto-submitted")) == ["asks", "either"]


def test_what_a_person_sent_and_other_automatic_mail_is_as_it_was() -> None:
    assert acting(sent()) == ["subject"]
    assert acting(reply("list-header")) == ["subject"]


def test_incoming_automatic_mail_is_as_it_was() -> None:
    rules = ruleset([rule("all"), rule("asks", AUTOMATIC)])
    mail = event(automatic=("auto-submitted",))
    assert [command.rule.id for command in evaluate(rules, mail).commands] == ["all", "asks"]


def test_a_rule_that_is_run_by_hand_does_as_it_is_told() -> None:
    assert acting(request(reply(), rule="all")) == ["all"]


def test_the_decision_counts_and_explains_those_left_out() -> None:
    decision = evaluate(RULES, reply()).decision
    assert decision.verdicts_omitted == 4
    found = {verdict.rule.id: (verdict.outcome, verdict.reason) for verdict in explain(RULES, attempt_of(reply()))}
    assert found == {
        "all": ("not_tried", REASON),
        "asks": ("matched", ""),
        "either": ("matched", ""),
        "not": ("not_tried", REASON),
        "personal": ("not_tried", REASON),
        "subject": ("not_tried", REASON),
    }


@pytest.mark.parametrize(
    ("raw", "asks"),
    [
        (AUTOMATIC, True),
        (PERSONAL, False),
        ({"all": []}, False),
        ({"all": [{"any": [SUBJECT, AUTOMATIC]}]}, True),
        ({"all": [{"none": [AUTOMATIC]}]}, False),
        ({"none": [{"none": [AUTOMATIC]}]}, False),
    ],
)
def test_which_rules_ask(raw: Any, asks: bool) -> None:
    assert asks_for_automatic(condition(raw)) is asks
