"""The page of action types: everything on it comes from the code."""

import pytest

from cli.generate.actions import action_files
from cli.generate.reason_codes import codes_of
from schemas.action import ACTION_TYPES

PAGE = action_files()["docs/reference/actions.md"]


@pytest.mark.parametrize("kind", ACTION_TYPES)
def test_every_type_has_its_facts_and_options(kind: str) -> None:
    _, _, section = PAGE.partition(f"\n## `{kind}`\n")
    section = section.partition("\n## ")[0]
    rows = [line.strip("| ").partition(" | ") for line in section.splitlines() if line.startswith("| ")]
    facts = {name: fact for name, _, fact in rows}
    assert all(facts[name] for name in ("needs", "target", "a repeat is recognised by", "undo", "reasons", "time"))


def test_options_say_their_bounds_and_defaults() -> None:
    assert "| `due_in_days` | whole number, 0 to 3650 | `0` | days after the mail was received |" in PAGE
    assert "| `users` | list of 1 to 20: text, 1 to 200 characters | (required) | logins |" in PAGE


def test_codes_are_those_that_are_raised_for_the_type_and_no_others() -> None:
    assert {"user-unknown", "not-installed"} <= codes_of("services.actions.effects.notify_user")
    assert {"channel-missing", "channel-ambiguous"} <= codes_of("services.actions.effects.notify_channel")
    assert {"own-address", "reply-cap", "smtp-not-configured"} <= codes_of("services.actions.effects.auto_reply")
    assert not {"permanent", "transient", "error"} & codes_of("services.actions.effects.crm_lead")
    assert "channel-missing" not in codes_of("services.actions.effects.notify_user")
