"""Rules whose replies could never go out are named when they are applied."""

from typing import Any

from cli.reply_warnings import unanswering
from schemas.mailbox import Mailbox
from schemas.rule import Rule

OUTGOING = {"host": "smtp.company.example", "address": "support@company.example"}
REPLY = {"id": "thanks", "type": "auto_reply", "text": "x"}


def box(**fields: Any) -> Mailbox:
    return Mailbox.model_validate({"id": "support", "source": {"kind": "maildir", "path": "/m"}, **fields})


def rule(identity: str, **fields: Any) -> Rule:
    return Rule.model_validate({"id": identity, "mailbox": "support", "actions": [REPLY], **fields})


def test_a_rule_that_replies_where_nothing_is_sent_is_named_with_the_remedy() -> None:
    (found,) = unanswering([rule("r1"), rule("r2", actions=[{"id": "s", "type": "star"}])], [box()])
    assert found.rule == "r1"
    assert "action thanks" in found.text
    assert "mailbox support" in found.text
    assert "outgoing" in found.text


def test_rules_that_can_reply_or_never_act_are_not() -> None:
    rules = [rule("off", enabled=False), rule("shadow", mode="shadow"), rule("other", mailbox="unknown")]
    assert not list(unanswering(rules, [box()]))
    assert not list(unanswering([rule("r1")], [box(outgoing=OUTGOING)]))
