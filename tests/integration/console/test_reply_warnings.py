"""Rules that reply from a mailbox without `outgoing`, as both apply commands report them, on a real database."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from cli import mailboxes
from tests.integration.console.test_commands import apply_rules, home

__all__ = ["home"]
SILENT = "mailboxes:\n  - {id: desk, source: {kind: maildir, path: /m}}\n"
SENDING = SILENT.replace("}}\n", "}, outgoing: {host: smtp.company.example, address: desk@company.example}}\n")
RULE = "rules:\n  - {id: thanks, mailbox: desk, actions: [{id: r, type: auto_reply, text: x}]}\n"
SAID = "rule thanks: its action r replies, but mailbox desk does not say how it sends"


def apply_mailboxes(home: Path, text: str, *options: str) -> Result:
    file = home / "mailboxes.yaml"
    file.write_text(text)
    return CliRunner().invoke(mailboxes.app, ["apply", str(file), *options])


def test_a_rule_is_warned_of_and_refused_where_asked_to_be_strict(home: Path) -> None:
    strict = apply_rules(home, SILENT + RULE, "--strict")
    assert (strict.exit_code, SAID in strict.stderr) == (2, True)
    warned = apply_rules(home, SILENT + RULE)
    assert (warned.exit_code, f"rules.yaml:4: warning: {SAID}" in warned.stderr) == (0, True)


def test_where_the_mailbox_sends_nothing_is_said(home: Path) -> None:
    assert "warning" not in apply_rules(home, SENDING + RULE, "--strict").stderr


def test_a_stored_mailbox_counts_for_a_file_without_mailboxes(home: Path) -> None:
    assert apply_mailboxes(home, SENDING).exit_code == 0
    assert apply_rules(home, RULE, "--strict").exit_code == 0
    assert apply_mailboxes(home, SILENT).exit_code == 0
    assert SAID in apply_rules(home, RULE, "--strict").stderr


def test_a_mailbox_that_stops_sending_under_its_rules_is_warned_of(home: Path) -> None:
    assert apply_rules(home, SENDING + RULE).exit_code == 0
    done = apply_mailboxes(home, SILENT)
    assert (done.exit_code, f"mailboxes.yaml: warning: {SAID}" in done.stderr) == (0, True)
    (found,) = json.loads(apply_mailboxes(home, SILENT, "--json").stdout)["warnings"]
    assert (found["kind"], found["rule"], found["line"]) == ("no-outgoing", "thanks", None)
