"""Conditions about what Odoo threw away of a mail: nobody can tell, and nothing is acted on."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from schemas.condition import Leaf
from schemas.facts import OdooFacts, Scalar, Snapshot
from schemas.mail import Address, MailArrived, Origin
from services.evaluator.conditions.registry import compile_condition
from services.evaluator.evaluate import evaluate
from services.evaluator.facts import Facts
from tests.unit.services.evaluator.making import event as arrived
from tests.unit.services.evaluator.making import rule, ruleset

LEAF: TypeAdapter[Any] = TypeAdapter(Leaf)
ORIGIN = Origin(kind="odoo", folder="INBOX", uidvalidity="desk", uid="12")


def hosted(**more: Any) -> MailArrived:
    return arrived().model_copy(update={"origin": ORIGIN, "not_kept": ("headers", "recipients"), **more})


def held(condition: dict[str, Any], event: MailArrived) -> tuple[bool | None, bool]:
    answer, found = compile_condition(LEAF.validate_python(condition)).asking()(Facts(event))
    return answer, any(each.missing for each in found)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"type": "header", "name": "List-Id", "present": True}, None),
        ({"type": "header", "name": "List-Id", "present": False}, None),
        ({"type": "header", "name": "List-Id", "contains": ["x"]}, None),
        ({"type": "header", "name": "References", "present": True}, True),
        ({"type": "header", "name": "Subject", "present": False}, True),
        ({"type": "reply_state", "equals": "personal"}, None),
        ({"type": "reply_state", "equals": "automatic"}, None),
        ({"type": "reply_state", "equals": "new"}, True),
        ({"type": "recipient", "equals": ["info@company.example"]}, True),
        ({"type": "recipient", "equals": ["sales@company.example"]}, None),
        ({"type": "recipient", "in": "cc", "equals": ["info@company.example"]}, None),
    ],
)
def test_what_cannot_be_told(condition: dict[str, Any], expected: bool | None) -> None:
    event = hosted(headers=(("References", "<a@b>"),), to=(Address(address="info@company.example"),), subject="")
    assert held(condition, event) == (expected, False)


def test_a_sign_that_is_there_counts() -> None:
    event = hosted()
    state = event.reply_state.model_copy(update={"automatic": ("sender-noreply",)})
    event = event.model_copy(update={"reply_state": state})
    assert held({"type": "reply_state", "equals": "automatic"}, event) == (True, False)
    assert held({"type": "reply_state", "equals": "personal"}, event) == (False, False)


def test_what_other_sources_keep_is_told_as_ever() -> None:
    assert held({"type": "header", "name": "List-Id", "present": False}, arrived()) == (True, False)
    assert held({"type": "reply_state", "equals": "personal"}, arrived()) == (True, False)


def test_a_domain_on_the_mail_reads_the_record_and_never_a_virtual_one() -> None:
    domain = {"type": "odoo_domain", "on": "message", "domain": [["model", "=", "crm.lead"]]}
    fields = {"model": Scalar(type="char", value="crm.lead")}
    record = Snapshot(model="mail.message", id=12, fields=fields, types={"model": "char"})
    at = hosted().received_at
    for facts, expected in (
        (OdooFacts(read_at=at, message=record), (True, False)),
        (OdooFacts(read_at=at, missing=("message",)), (None, True)),
        (OdooFacts(read_at=at), (None, False)),
        (None, (None, False)),
    ):
        assert held(domain, hosted(odoo=facts)) == expected
    assert held(domain, arrived()) == (False, False)


def test_the_decision_names_the_rules_that_nobody_can_decide() -> None:
    conditions: dict[str, Any] = {
        "to": {"type": "recipient", "equals": ["sales@company.example"]},
        "list": {"type": "header", "name": "List-Id", "contains": ["x"]},
        "none": {"type": "header", "name": "List-Id", "present": True},
        "other": {"type": "subject", "contains": ["no such words"]},
    }
    rules = ruleset([rule(identity, when) for identity, when in conditions.items()])
    lost, kept = (evaluate(rules, event).decision for event in (hosted(), arrived()))
    assert [(verdict.rule.id, verdict.outcome) for verdict in lost.verdicts] == [
        (identity, "undecidable") for identity in ("list", "none", "to")
    ]
    assert (lost.outcome, lost.verdicts_omitted, kept.verdicts_omitted) == ("no_match", 1, 4)
