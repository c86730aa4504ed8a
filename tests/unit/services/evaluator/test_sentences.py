"""Rules in plain English."""

from typing import Any

import pytest

from schemas.action import ACTION_TYPES
from services.evaluator.action_sentences import action_sentence
from services.evaluator.sentences import preview
from tests.unit.services.evaluator.making import rule


def test_a_whole_rule() -> None:
    when = {
        "all": [
            {"type": "sender_domain", "equals": ["example.com", "example.org"], "subdomains": True},
            {"any": [{"type": "subject", "contains": ["invoice"]}, {"type": "attachments", "present": True}]},
            {"none": [{"type": "reply_state", "equals": "automatic"}]},
        ]
    }
    actions = [
        {"id": "t", "type": "tag", "add": ["vip", "paid"], "remove": ["new"]},
        {"id": "l", "type": "crm_lead", "name": "Hello", "team_id": 3, "scope": "thread"},
        {"id": "m", "type": "move_folder", "folder": "Archive"},
    ]
    assert preview(rule("r", when, actions=actions, stop_processing=True)) == [
        "When a mail arrives in the mailbox “support”, and",
        "  - all of these hold:",
        "    - the sender's domain is “example.com” or “example.org” or a subdomain",
        "    - at least one of these holds:",
        "      - the subject contains “invoice”",
        "      - the mail has at least one attachment",
        "    - none of these holds:",
        "      - a program sent the mail (a newsletter, a notification, an automatic reply)",
        "then:",
        "  1. Add the tags “vip” and “paid” and remove the tag “new” (once per message).",
        "  2. Create a lead in Odoo named “Hello” for sales team 3, or note the mail on the one its conversation "
        "already has (once per conversation).",
        "  3. Move the mail to the folder “Archive” (once per message).",
        "If an action fails, the next ones are not tried.",
        "Later rules are not tried on such a mail.",
    ]


def test_a_rule_without_conditions() -> None:
    assert preview(rule("r", trigger="after_send", on_error="continue", enabled=False)) == [
        "This rule is switched off; it acts only when someone runs it by hand.",
        "When the mailbox “support” has sent a mail, always:",
        "  1. Star the mail (once per message).",
    ]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"type": "star", "starred": False}, "Take the star away (once per message)."),
        ({"type": "tag", "remove": ["x"]}, "Remove the tag “x” (once per message)."),
        ({"type": "tag", "add": ["x"], "scope": "thread"}, "Add the tag “x” (once per conversation)."),
        ({"type": "move_folder", "folder": "A"}, "Move the mail to the folder “A” (once per message)."),
        ({"type": "star", "scope": {"every": "1h"}}, "Star the mail (at most once per hour)."),
        ({"type": "star", "scope": {"every": "30m"}}, "Star the mail (at most once in 30 minutes)."),
        (
            {"type": "star", "scope": {"every": "1d", "per": "sender"}},
            "Star the mail (at most once per sender per day).",
        ),
        (
            {
                "type": "star",
                "scope": {"every": "7d", "per": "sender"},
                "window": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:30"},
            },
            "Star the mail (at most once per sender in 7 days), only Monday to Friday, 09:00\N{EN DASH}17:30 (UTC).",
        ),
        (
            {"type": "crm_lead", "kind": "opportunity", "user_id": 2},
            "Create an opportunity in Odoo named after the mail's subject for user 2, or note the mail on the one its "
            "conversation already has (once per message).",
        ),
    ],
)
def test_actions(action: dict[str, Any], words: str) -> None:
    (found,) = rule("r", actions=[{"id": "a", **action}]).actions
    assert action_sentence(found) == words


def test_every_action_of_the_contract_has_a_sentence() -> None:
    fields: dict[str, dict[str, Any]] = {
        "tag": {"add": ["x"]},
        "move_folder": {"folder": "A"},
        "notify_user": {"users": ["ann"]},
        "notify_channel": {"channel": "sales"},
        "auto_reply": {"text": "Thank you."},
    }
    for kind in ACTION_TYPES:
        (found,) = rule("r", actions=[{"id": "a", "type": kind, **fields.get(kind, {})}]).actions
        assert action_sentence(found)
