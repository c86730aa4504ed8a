"""A rule as people write it: typos are errors, defaults are few, its record carries only what was said."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.condition import AllOf
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished

MINIMAL: dict[str, Any] = {"id": "r", "mailbox": "m", "actions": [{"id": "a", "type": "star"}]}


def with_(**changes: Any) -> dict[str, Any]:
    """The minimal rule, changed."""
    return {**MINIMAL, **changes}


def test_a_minimal_rule_has_careful_defaults() -> None:
    rule = Rule.model_validate(MINIMAL)
    assert rule.name == "r"
    assert rule.when == AllOf(all=())
    assert (rule.trigger, rule.on_error, rule.stop_processing, rule.enabled) == ("incoming", "stop", False, True)
    assert rule.actions[0].scope == "message"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "No Spaces"}, "pattern"),
        ({"id": "x" * 64}, "pattern"),
        ({"mailbox": ""}, "pattern"),
        ({"order": -1}, "greater than or equal to 0"),
        ({"trigger": "outgoing"}, "'incoming', 'after_send' or 'manual'"),
        ({"actions": []}, "at least 1 item"),
        ({"actions": [{"id": "a", "type": "star"}, {"id": "a", "type": "star"}]}, "unique in a rule; repeated: a"),
        ({"actions": [{"id": "a", "type": "beep"}]}, "does not match any of the expected tags: 'tag', 'star'"),
        ({"actions": [{"type": "star"}]}, "Field required"),
        ({"actions": [{"id": "a", "type": "tag"}]}, "at least one tag under add or remove"),
        ({"actions": [{"id": "a", "type": "tag", "add": ["x", "y"], "remove": ["y"]}]}, "both added and removed: y"),
        ({"actions": [{"id": "a", "type": "move_folder", "folder": ""}]}, "at least 1 character"),
        ({"actions": [{"id": "a", "type": "crm_lead", "team_id": 0}]}, "greater than 0"),
        ({"actions": [{"id": "a", "type": "star", "scope": "sender"}]}, "'message' or 'thread'"),
        ({"on_eror": "stop"}, "Extra inputs are not permitted"),
        ({"when": {"type": "subject"}}, "exactly one of"),
    ],
)
def test_bad_rules_say_what_is_wrong(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rule.model_validate(with_(**changes))


def test_its_record_leaves_out_defaults() -> None:
    """So a reader of the version before, which refuses fields it does not know, takes a rule that uses nothing new."""
    record = RuleChanged(version=3, revision=1, rule=Rule.model_validate(MINIMAL))
    assert json.loads(record.to_json()) == {
        "version": 3,
        "revision": 1,
        "rule": {"id": "r", "mailbox": "m", "name": "r", "actions": [{"id": "a", "type": "star"}]},
    }
    assert RuleChanged.model_validate_json(record.to_json()) == record


def test_a_mailbox_record_leaves_out_defaults_too() -> None:
    given = {"version": 1, "mailbox": {"id": "m", "source": {"kind": "eml", "path": "mail"}}}
    record = MailboxChanged.model_validate(given)
    assert json.loads(record.to_json()) == given


def test_a_rule_that_says_everything_survives_its_record() -> None:
    rule = Rule.model_validate(
        with_(
            name="N",
            order=5,
            enabled=False,
            trigger="after_send",
            when={"none": [{"type": "attachments", "present": False}]},
            actions=[{"id": "a", "type": "star", "starred": False, "scope": "thread"}],
            stop_processing=True,
            on_error="continue",
        )
    )
    record = RuleChanged(version=3, revision=9, rule=rule)
    assert RuleChanged.model_validate_json(record.to_json()).rule == rule


def test_keys_group_what_compaction_may_forget() -> None:
    rule = Rule.model_validate(MINIMAL)
    first, second = (RuleChanged(version=v, revision=v, rule=rule) for v in (1, 2))
    assert first.record_key == second.record_key == "rule/r"
    assert first.record_id != second.record_id
    assert RulesetPublished(version=2).record_key == "ruleset"
