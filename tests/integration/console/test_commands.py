"""`maildesk rules` and `maildesk mailboxes` on a real database, the broker away: what is printed, and exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import mailboxes, rules
from sandbox.ports import free_ports

BOXES = "mailboxes:\n  - {id: support, source: {kind: eml, path: /m}}\n"
RULE = "rules:\n  - {id: vip, mailbox: support, actions: [{id: s, type: star}]}\n"


@pytest.fixture
def home(database_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of files; the database answers, the broker does not."""
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", database_dsn)
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_ports(1)[0]}")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("LC_ALL", "C")
    return tmp_path


def apply_rules(home: Path, text: str, *options: str, name: str = "rules.yaml") -> Result:
    (home / name).write_text(text)
    return CliRunner().invoke(rules.app, ["apply", str(home / name), "--author", "anna", *options])


def test_apply_list_preview(home: Path) -> None:
    done = apply_rules(home, BOXES + RULE)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "created  mailbox/support",
        "created  rule/vip",
        "Version 1: 2 created, 0 updated, 0 deleted, 0 unchanged.",
    ]
    assert "Version 1 is stored, but the broker cannot be reached" in " ".join(done.stderr.split())
    listed = CliRunner().invoke(rules.app, ["list"])
    assert "vip" in listed.stdout
    assert "anna" in listed.stdout
    (found,) = json.loads(CliRunner().invoke(rules.app, ["list", "--json"]).stdout)
    assert (found["rule"]["id"], found["revision"], found["owner"]) == ("vip", 1, str(home / "rules.yaml"))
    assert CliRunner().invoke(rules.app, ["preview", "vip"]).stdout.splitlines() == [
        "When a mail arrives in the mailbox “support”, always:",
        "  1. Star the mail. Once per mail.",
    ]
    assert CliRunner().invoke(rules.app, ["preview", "vip", "--lang", "de"]).stdout.splitlines() == [
        "Wenn im Postfach „support“ eine E-Mail eingeht, immer:",
        "  1. Die E-Mail mit einem Stern markieren. Einmal je E-Mail.",
    ]


def test_what_is_no_longer_in_the_file_is_deleted(home: Path) -> None:
    apply_rules(home, BOXES + RULE)
    again = json.loads(apply_rules(home, RULE.replace("vip", "other"), "--json").stdout)
    assert (again["created"], again["deleted"], again["version"]) == (["rule/other"], ["rule/vip"], 2)
    assert again["published"] is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOXES + RULE.replace("star", "stars"), 'rules[0].actions[0].type: unknown action "stars"; known: tag, star,'),
        (RULE, "rule vip names the mailbox support, which is not known; known: none yet"),
        ("", "the file must have `rules:` or `mailboxes:` at its top"),
    ],
)
def test_a_bad_file_changes_nothing_and_ends_with_2(home: Path, text: str, said: str) -> None:
    done = apply_rules(home, text)
    assert done.exit_code == 2
    assert said in done.stderr
    assert (
        CliRunner().invoke(rules.app, ["list"]).stdout == "There are no rules. Apply some: maildesk rules apply FILE\n"
    )


def test_a_rule_of_another_file_is_refused_unless_its_owner_is_named(home: Path) -> None:
    apply_rules(home, BOXES + RULE)
    refused = apply_rules(home, RULE, name="other.yaml")
    assert refused.exit_code == 2
    assert f"rule vip belongs to {home}/rules.yaml" in refused.stderr
    assert apply_rules(home, RULE, "--owner", str(home / "rules.yaml"), name="other.yaml").exit_code == 0


def test_an_unknown_rule_names_the_known_ones(home: Path) -> None:
    apply_rules(home, BOXES + RULE)
    done = CliRunner().invoke(rules.app, ["preview", "vpi"])
    assert (done.exit_code, done.stderr.strip()) == (2, "there is no rule vpi; known: vip")


def test_mailboxes_are_applied_and_listed_and_rules_left_alone(home: Path) -> None:
    apply_rules(home, BOXES + RULE)
    file = home / "mailboxes.yaml"
    file.write_text(BOXES.replace("source", "automation: false, source"))
    done = CliRunner().invoke(mailboxes.app, ["apply", str(file)])
    assert done.stdout.splitlines()[0] == "updated  mailbox/support"
    (found,) = json.loads(CliRunner().invoke(mailboxes.app, ["list", "--json"]).stdout)
    assert (found["mailbox"]["automation"], found["revision"]) == (False, 2)
    assert "off" in CliRunner().invoke(mailboxes.app, ["list"]).stdout
    assert "vip" in CliRunner().invoke(rules.app, ["list"]).stdout
    file.write_text(RULE)
    assert CliRunner().invoke(mailboxes.app, ["apply", str(file)]).exit_code == 2


def test_a_database_that_is_down_ends_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", f"postgresql://127.0.0.1:{free_ports(1)[0]}/none")
    done = CliRunner().invoke(rules.app, ["list"])
    assert done.exit_code == 3
    assert "Postgres" in done.stderr
