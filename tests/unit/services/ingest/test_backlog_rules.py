"""Which rules ask for a backlog, from the records of `automation-rules`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.rule import Rule, RuleChanged, RulesetPublished
from services.ingest.backlog.rules import BacklogRules
from tests.unit.services.actions.records import received

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def rules(*given: tuple[int, dict[str, Any]]) -> BacklogRules:
    """Rules with their activations, in force."""
    found = BacklogRules()
    base = {"mailbox": "info", "actions": [{"id": "s", "type": "star"}]}
    changes = [
        RuleChanged(version=1, revision=9, rule=Rule.model_validate({**base, **fields}), activated=activated)
        for activated, fields in given
    ]
    found.take([*map(received, changes), received(RulesetPublished(version=1))])
    return found


def test_rules_that_are_on_and_ask_for_it_are_wanted() -> None:
    last, since = {"last": "7d"}, {"since": "2026-01-01"}
    found = rules(
        (3, {"id": "a", "backlog": last}),
        (4, {"id": "b", "backlog": since, "trigger": "after_send"}),
        (5, {"id": "none"}),
        (0, {"id": "off", "backlog": last, "enabled": False}),
        (0, {"id": "older-program", "backlog": last}),
    ).wanted
    assert [(each.run, each.mailbox, each.rule, each.direction) for each in found] == [
        ("backlog-a-3", "info", "a", "incoming"),
        ("backlog-b-4", "info", "b", "outgoing"),
    ]
    assert [each.begins_at(NOW) for each in found] == [NOW - timedelta(days=7), datetime(2026, 1, 1, tzinfo=UTC)]


@pytest.mark.parametrize("change", [{"enabled": False}, {"backlog": None}])
def test_one_that_is_switched_off_or_edited_is_wanted_no_more(change: dict[str, Any]) -> None:
    assert rules((3, {"id": "a", "backlog": {"last": "7d"}, **change})).wanted == ()
