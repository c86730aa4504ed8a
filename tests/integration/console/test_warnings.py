"""Rules that no mail can reach, as `rules apply` reports them, on a real database."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import rules
from tests.integration.console.test_commands import BOXES, apply_rules, home

__all__ = ["home"]
STOP = "  - {id: stop, mailbox: support, order: 1, stop_processing: true, actions: [{id: s, type: star}]}\n"
LATE = "  - {id: late, mailbox: support, actions: [{id: s, type: star}]}\n"
NEVER = (
    "  - id: dead\n    mailbox: support\n    enabled: false\n    actions: [{id: s, type: star}]\n"
    "    when: {all: [{type: reply_state, equals: new}, {type: reply_state, equals: reply}]}\n"
)
PAST = (
    "  - {id: over, mailbox: support, trigger: after_send, "
    "actions: [{id: s, type: star, window: {before: 2020-01-01}}]}\n"
)
HIDDEN = "no mail reaches it: rule stop (order 1) is tried before it (order 100)"


def listed() -> list[str]:
    done = CliRunner().invoke(rules.app, ["list", "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    found = json.loads(done.stdout)
    return sorted(each["rule"]["id"] for each in found)


@pytest.mark.parametrize("dry_run", [False, True])
def test_warnings_name_the_line_and_both_rules_and_change_nothing_else(home: Path, dry_run: bool) -> None:
    options = ["--dry-run"] if dry_run else []
    done = apply_rules(home, BOXES + "rules:\n" + STOP + LATE + NEVER + PAST, *options)
    assert done.exit_code == 0, done.output
    said = [line for line in done.stderr.splitlines() if line.startswith(str(home))]
    file = home / "rules.yaml"
    never = "it can never match: all[0].reply_state and all[1].reply_state exclude each other"
    assert [line.split(";")[0] for line in said] == [
        f"{file}:6: warning: rule dead: {never}",
        f"{file}:11: note: rule over: the windows of all its actions are over: they are skipped for new mail",
        f"{file}:5: warning: rule late: {HIDDEN}, matches every mail that it matches, and stops",
    ]
    assert listed() == ([] if dry_run else ["dead", "late", "over", "stop"])


@pytest.mark.parametrize("dry_run", [False, True])
def test_strict_applies_nothing(home: Path, dry_run: bool) -> None:
    options = ["--dry-run", "--strict"] if dry_run else ["--strict"]
    refused = apply_rules(home, BOXES + "rules:\n" + STOP + LATE + PAST, *options)
    assert refused.exit_code == 2
    assert f"rules.yaml:5: rule late: {HIDDEN}" in refused.stderr
    assert "over" not in refused.stderr
    assert listed() == []
    assert apply_rules(home, BOXES + "rules:\n" + STOP + PAST, "--strict").exit_code == 0


def test_rules_of_other_files_count_where_they_meet_this_one(home: Path) -> None:
    apply_rules(home, BOXES + "rules:\n" + LATE + NEVER, name="first.yaml")
    found = json.loads(apply_rules(home, "rules:\n" + STOP, "--json", name="second.yaml").stdout)["warnings"]
    assert [(each["kind"], each["rule"], each["by"], each["line"]) for each in found] == [("hidden", "late", "stop", 2)]
    assert found[0]["file"] == str(home / "second.yaml")
    again = json.loads(apply_rules(home, "rules:\n" + LATE, "--json", name="first.yaml").stdout)["warnings"]
    assert [(each["rule"], each["by"], each["line"]) for each in again] == [("late", "stop", 2)]
    apart = json.loads(apply_rules(home, "rules:\n" + PAST, "--json", name="third.yaml").stdout)["warnings"]
    assert [(each["kind"], each["rule"]) for each in apart] == [("past", "over")]


def test_sound_rules_are_applied_without_a_word(home: Path) -> None:
    done = apply_rules(home, BOXES + "rules:\n" + LATE, "--json")
    assert json.loads(done.stdout)["warnings"] == []
    assert "warning" not in done.stderr
