"""Rules as files on a real database: what would change, what is in force as a file, what was, and going back."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from cli import rules
from cli.rule_files import load_rule_file
from runtime.postgres import connect
from tests.integration.console.test_commands import BOXES, RULE, apply_rules, home

__all__ = ["home"]
STRANGE = [
    "no",
    "0042",
    "0089",
    "1e3",
    "~",
    "Grüße 😀",
    'it\'s "quoted"',
    " # : - ",
    "one\ntwo\n\n  three",
    "\x85\u2028",
]


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(rules.app, list(arguments))


def query(dsn: str, sql: str) -> list[str]:
    """The rows of one statement, as text."""

    async def fetch() -> list[str]:
        database = await connect(dsn, name="tests", pool_size=1)
        rows = await database.fetch(sql)
        await database.close()
        return [str(dict(row)) for row in rows]

    return asyncio.run(fetch())


def everything(dsn: str) -> list[list[str]]:
    """Every row that the console keeps."""
    tables = ("version", "mailbox", "mailbox_revision", "rule", "rule_revision", "outbox")
    return [query(dsn, f"SELECT t::text FROM console.{each} AS t ORDER BY 1") for each in tables]  # noqa: S608


def test_a_dry_run_says_what_apply_then_does(home: Path) -> None:
    apply_rules(home, BOXES + RULE + RULE.replace("rules:\n", "").replace("vip", "goes"))
    text = BOXES + RULE.replace("support,", "support, order: 5,") + RULE.replace("rules:\n", "").replace("vip", "new")
    done = apply_rules(home, text, "--dry-run")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "would create  rule/new",
        "would update  rule/vip",
        "--- rule/vip in force",
        "+++ rule/vip in the file",
        "@@ -1,5 +1,6 @@",
        " id: vip",
        " mailbox: support",
        "+order: 5",
        " actions:",
        "   - id: s",
        "     type: star",
        "would delete  rule/goes",
        "Dry run on version 1, nothing changed. It would be: 1 created, 1 updated, 1 deleted, 1 unchanged.",
    ]
    planned = json.loads(apply_rules(home, text, "--dry-run", "--json").stdout)
    applied = json.loads(apply_rules(home, text, "--json").stdout)
    assert (planned["dry_run"], planned["version"], applied["version"]) == (True, 1, 2)
    assert "+order: 5" in planned["diffs"]["rule/vip"]
    for kind in ("created", "updated", "deleted", "unchanged"):
        assert planned[kind] == applied[kind]


def test_a_dry_run_changes_nothing(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULE)
    before = everything(database_dsn)
    assert apply_rules(home, RULE.replace("vip", "other"), "--dry-run").exit_code == 0
    refused = apply_rules(home, RULE.replace("support", "nope"), "--dry-run")
    assert (refused.exit_code, "not known; known: support" in refused.stderr) == (2, True)
    assert everything(database_dsn) == before


def test_what_is_exported_is_taken_back_and_changes_nothing(home: Path) -> None:
    given = yaml.safe_load(BOXES) | {
        "rules": [
            {
                "id": f"r{number}",
                "mailbox": "support",
                "name": f"a {text} b",
                "when": {"any": [{"type": "subject", "contains": [text]}, {"type": "sender", "equals": [text, "x"]}]},
                "actions": [{"id": "move", "type": "move_folder", "folder": text}],
            }
            for number, text in enumerate(STRANGE)
        ]
    }
    assert apply_rules(home, yaml.safe_dump(given)).exit_code == 0
    out = home / "exported.yaml"
    assert ran("export", "-o", str(out)).exit_code == 0
    assert ran("export").stdout == out.read_text()
    lines = out.read_text().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=./rule-file.json"
    assert lines[2] == f"# Changes nothing as it is: maildesk rules apply FILE --owner {home}/rules.yaml"
    assert load_rule_file(out).rules == load_rule_file(home / "rules.yaml").rules
    again = json.loads(ran("apply", str(out), "--owner", f"{home}/rules.yaml", "--json").stdout)
    assert (again["created"], again["updated"], again["deleted"], again["version"]) == ([], [], [], 1)
    assert len(again["unchanged"]) == len(STRANGE)


def test_an_export_of_a_part_says_so_and_one_of_several_owners_is_refused(home: Path) -> None:
    boxes = BOXES + "  - {id: sales, source: {kind: eml, path: /s}}\n"
    apply_rules(home, boxes + RULE + RULE.replace("rules:\n", "").replace("vip", "lead").replace("support", "sales"))
    part = ran("export", "--mailbox", "sales")
    assert [each["id"] for each in yaml.safe_load(part.stdout)["rules"]] == ["lead"]
    warning = "Only a part: to apply it as that owner deletes the rules that are not in it: vip"
    assert part.stdout.splitlines()[3] == f"# {warning}"
    assert warning in part.stderr
    apply_rules(home, RULE.replace("vip", "third"), "--owner", "other")
    refused = ran("export")
    assert refused.exit_code == 2
    assert f"belong to 2 owners, and a file is applied as one; choose with --owner: {home}/rules.yaml" in refused.stderr
    assert [each["id"] for each in yaml.safe_load(ran("export", "--owner", "other").stdout)["rules"]] == ["third"]
    none = ran("export", "--owner", "nobody")
    assert (none.exit_code, "there are no such rules; owners with rules:" in none.stderr) == (2, True)
    assert ran("export", "--owner", "other", "-o", str(home)).exit_code == 2


def test_the_schema_is_printed_or_written(home: Path) -> None:
    assert json.loads(ran("schema").stdout)["$id"] == "rule-file.json"
    assert ran("schema", "-o", str(home / "rule-file.json")).exit_code == 0
    assert (home / "rule-file.json").read_text() == ran("schema").stdout


def changed_deleted_and_back(home: Path) -> None:
    """Revision 1 created, 2 changed, 3 deleted, 4 created again; another rule of the owner is there throughout."""
    other = RULE.replace("rules:\n", "").replace("vip", "other")
    apply_rules(home, BOXES + RULE + other)
    apply_rules(home, RULE.replace("support,", "support, order: 5,") + other)
    apply_rules(home, "rules:\n" + other)
    apply_rules(home, RULE.replace("support,", "support, order: 7,") + other)


def test_history_lists_every_revision_and_its_difference(home: Path) -> None:
    changed_deleted_and_back(home)
    found = json.loads(ran("history", "vip", "--json").stdout)
    assert [(each["revision"], each["version"], each["what"], each["author"]) for each in found] == [
        (1, 1, "created", "anna"),
        (2, 2, "changed", "anna"),
        (3, 3, "deleted", "anna"),
        (4, 4, "created", "anna"),
    ]
    assert all(each["changed_at"] for each in found)
    assert "+order: 5" in found[1]["diff"]
    assert "-order: 5" in found[2]["diff"]
    assert "deleted" in ran("history", "vip").stdout
    shown = ran("history", "vip", "--diff").stdout
    assert "--- vip revision 1\n+++ vip revision 2\n" in shown
    assert "version 3" in shown
    unknown = ran("history", "vpi")
    assert (unknown.exit_code, unknown.stderr.strip()) == (
        2,
        "there is no rule vpi and never was one; in force: vip, other",
    )


def test_rollback_is_a_new_revision_and_says_that_the_file_has_the_other_text(home: Path) -> None:
    changed_deleted_and_back(home)
    done = ran("rollback", "vip", "--to", "2", "--author", "bert")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[:2] == [
        "updated  rule/vip",
        "Version 5: 0 created, 1 updated, 0 deleted, 0 unchanged.",
    ]
    assert f"Rule vip belongs to {home}/rules.yaml, which still has the other text" in done.stdout
    assert "Version 5 is stored, but the broker cannot be reached" in done.stderr
    found = {each["rule"]["id"]: each for each in json.loads(ran("list", "--json").stdout)}
    assert (found["vip"]["rule"]["order"], found["vip"]["revision"], found["vip"]["author"]) == (5, 5, "bert")
    assert found["other"]["revision"] == 1
    again = ran("rollback", "vip", "--to", "2")
    assert (again.exit_code, again.stdout) == (0, "Rule vip says what it said in revision 2: nothing to do.\n")
    assert json.loads(ran("rollback", "vip", "--to", "2", "--json").stdout)["unchanged"] == ["rule/vip"]


def test_a_deleted_rule_comes_back_under_its_owner(home: Path) -> None:
    apply_rules(home, BOXES + RULE)
    apply_rules(home, "rules: []\n")
    done = json.loads(ran("rollback", "vip", "--to", "1", "--json").stdout)
    assert (done["created"], done["owner"], done["version"]) == (["rule/vip"], f"{home}/rules.yaml", 3)
    (found,) = json.loads(ran("list", "--json").stdout)
    assert (found["revision"], found["owner"]) == (3, f"{home}/rules.yaml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("vip", "--to", "9"), "rule vip has no revision 9; choose one of 1, 2, 4"),
        (("vip", "--to", "3"), "revision 3 of rule vip is its deletion; choose one of 1, 2, 4"),
        (("vpi", "--to", "1"), "there is no rule vpi and never was one"),
    ],
)
def test_what_cannot_come_back_changes_nothing(
    home: Path, database_dsn: str, arguments: tuple[str, ...], said: str
) -> None:
    changed_deleted_and_back(home)
    before = everything(database_dsn)
    done = ran("rollback", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert everything(database_dsn) == before


def test_a_rule_whose_mailbox_is_gone_does_not_come_back(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULE)
    apply_rules(home, "rules: []\n")
    query(database_dsn, "DELETE FROM console.mailbox")
    done = ran("rollback", "vip", "--to", "1")
    assert (done.exit_code, "names the mailbox support, which is not known" in done.stderr) == (2, True)
