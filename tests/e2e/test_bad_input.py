"""What is wrong is named, and nothing is changed or started."""

import json
from pathlib import Path

import pytest

from tests.e2e.desk import Desk, rules_file
from tests.e2e.mails import mail, make_folder

BAD_RULES = """mailbox: support
rules:
  - id: fine
    actions: [{id: star, type: star}]
  - id: wrong
    when:
      any:
        - {type: subject, contains: [offer]}
        - {type: moon_phase, equals: full}
    actions:
      - {id: lead, type: crm_laed}
"""


def test_unknown_conditions_and_actions_are_named_by_file_line_and_field(desk: Desk, tmp_path: Path) -> None:
    mails = make_folder(tmp_path / "mails", [mail("m1", "Hello")])
    rules = rules_file(tmp_path / "rules.yaml", BAD_RULES)
    ran = desk.run("up", "--mail", f"support={mails}", "--rules", rules, "--exit-when-idle", "--json")
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert len(lines) == 2, ran.err
    assert lines[0].startswith(f"{rules}:9: rules[1].when.any[1].type: ")
    assert "moon_phase" in lines[0]
    assert "sender_domain" in lines[0], "it says what there is"
    assert lines[1].startswith(f"{rules}:11: rules[1].actions[0].type: ")
    assert "crm_laed" in lines[1]
    assert not desk.home.exists(), "nothing was made, nothing was started"


def test_a_file_with_a_mistake_changes_no_stored_rule(desk: Desk, tmp_path: Path) -> None:
    mails = make_folder(tmp_path / "mails", [])
    (tmp_path / "mails").mkdir(exist_ok=True)
    boxes = f"mailboxes:\n  - {{id: support, source: {{kind: eml, path: {mails}}}}}\n"
    good = rules_file(tmp_path / "rules.yaml", boxes + BAD_RULES[: BAD_RULES.index("  - id: wrong")])
    applied = desk.run("rules", "apply", good, "--json")
    assert applied.code == 0, applied.err
    assert "rule/fine" in json.loads(applied.out)["created"]
    before = desk.run("rules", "list", "--json").json
    assert [each["rule"]["id"] for each in before] == ["fine"]
    bad = desk.run("rules", "apply", rules_file(tmp_path / "rules.yaml", boxes + BAD_RULES))
    assert bad.code == 2
    assert desk.run("rules", "list", "--json").json == before


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nowhere", "there is no such file or folder"),
        ("support=nowhere", "there is no such file or folder"),
        ("ftp://anna@127.0.0.1", "write imaps://USER@HOST"),
        ("imaps://anna:hunter2@127.0.0.1", "MAILDESK_SECRET_MAIL_PASSWORD"),
    ],
)
def test_a_source_that_is_none_is_refused(desk: Desk, value: str, said: str) -> None:
    ran = desk.run("up", "--mail", value, "--exit-when-idle")
    assert ran.code == 2
    assert said in ran.err
    assert "hunter2" not in ran.err
    assert "Traceback" not in ran.err
    assert not desk.home.exists()


def test_an_odoo_without_a_login_is_refused(desk: Desk) -> None:
    ran = desk.run("up", "--odoo", "https://odoo.example", "--exit-when-idle")
    assert ran.code == 2
    assert "ODOO_DB" in ran.err
