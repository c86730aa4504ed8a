"""Rules in sentences, in English; the other languages are frozen in wording/test_previews.py."""

from typing import Any

import pytest

from schemas.action import ACTION_TYPES
from services.evaluator.sentences import preview
from services.evaluator.wording.actions import action_sentences
from services.evaluator.wording.languages import LANGUAGES
from services.evaluator.wording.words import words_in
from tests.unit.services.evaluator.making import rule

ENGLISH = words_in(LANGUAGES["en"])


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
    assert preview(rule("r", when, actions=actions, stop_processing=True), ENGLISH) == [
        "When a mail arrives in the mailbox “support” and the following is true:",
        "  - all of these are true:",
        "    - the sender's domain is “example.com” or “example.org” or one of their subdomains",
        "    - at least one of these is true:",
        "      - the subject contains “invoice”",
        "      - the mail has at least one attachment",
        "    - none of these is true:",
        "      - a program sent the mail (a newsletter, a notification, an automatic reply)",
        "then:",
        "  1. Add the tags “vip” and “paid”. Remove the tag “new”. Once per mail.",
        "  2. Create the lead “Hello” in Odoo. Sales team: no. 3. If the conversation already has an open lead or "
        "opportunity, the mail is added there as a note instead. Once per conversation.",
        "  3. Move the mail to the folder “Archive”. Once per mail.",
        "If an action fails, the following ones are not tried.",
        "Later rules are not tried on such a mail.",
    ]


def test_a_rule_without_conditions() -> None:
    assert preview(rule("r", trigger="after_send", on_error="continue", enabled=False, mode="shadow"), ENGLISH) == [
        "This rule is switched off; it acts only when someone runs it by hand.",
        "This rule is on trial (mode “shadow”): what it would do is logged, but nothing is done.",
        "When the mailbox “support” has sent a mail, always:",
        "  1. Star the mail. Once per mail.",
    ]


def test_what_a_rule_quotes_cannot_change_its_sentences() -> None:
    actions = [
        {"id": "m", "type": "move_folder", "folder": "{subject} {0} {folder.__class__} %s"},
        {"id": "n", "type": "notify_channel", "channel": "c", "text": "one\ntwo\t" + "x" * 1000},
    ]
    _, first, second, _ = preview(rule("r", actions=actions), ENGLISH)
    assert first == "  1. Move the mail to the folder “{subject} {0} {folder.__class__} %s”. Once per mail."
    assert second.startswith("  2. Post in the Odoo channel “c”: “one two xxx")
    assert len(second) < 300


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"type": "star", "starred": False}, "Remove the star from the mail. Once per mail."),
        ({"type": "tag", "remove": ["x"]}, "Remove the tag “x”. Once per mail."),
        ({"type": "tag", "add": ["x"], "scope": "thread"}, "Add the tag “x”. Once per conversation."),
        ({"type": "move_folder", "folder": "A"}, "Move the mail to the folder “A”. Once per mail."),
        ({"type": "star", "scope": {"every": "1h"}}, "Star the mail. At most once per hour."),
        ({"type": "star", "scope": {"every": "30m"}}, "Star the mail. At most once every 30 minutes."),
        (
            {"type": "star", "scope": {"every": "1d", "per": "sender"}},
            "Star the mail. At most once per sender and day.",
        ),
        (
            {
                "type": "star",
                "scope": {"every": "7d", "per": "sender"},
                "window": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:30"},
            },
            "Star the mail. At most once per sender every 7 days. Only for mail that was received at these times: "
            "from Monday to Friday; from 09:00 to 17:30; time zone UTC.",
        ),
        (
            {"type": "crm_lead", "kind": "opportunity", "user_id": 2},
            "Create an opportunity in Odoo with the mail's subject as its title. Salesperson: user no. 2. If the "
            "conversation already has an open lead or opportunity, the mail is added there as a note instead. "
            "Once per mail.",
        ),
    ],
)
def test_actions(action: dict[str, Any], words: str) -> None:
    (found,) = rule("r", actions=[{"id": "a", **action}]).actions
    assert " ".join(action_sentences(found, ENGLISH)) == words


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
        assert all(each.endswith(".") for each in action_sentences(found, ENGLISH)), kind
