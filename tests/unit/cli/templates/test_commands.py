"""`maildesk templates` without any server: what is printed and written, and exit codes."""

import json
import resource
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.rule_files import load_rule_file
from cli.templates.library import templates

VIP = (
    "vip-routing",
    "--mailbox",
    "support",
    "--id",
    "vip",
    "--set",
    "domains=a.example,b.example",
    "--set",
    "users=admin",
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["templates", *arguments])


def test_list_names_all_of_them_and_what_they_do() -> None:
    done = ran("list")
    assert done.exit_code == 0
    assert all(name in done.stdout for name in templates())
    assert "Tags and stars mail that important senders write" in done.stdout
    found = json.loads(ran("list", "--json", "--lang", "de").stdout)
    assert [each["name"] for each in found] == list(templates())
    assert found[-1]["title"] == "Wichtige Kunden"
    assert list(found[0]) == ["name", "title", "description"]


def test_show_says_parameters_file_and_sentences() -> None:
    done = ran("show", "vip-routing")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "vip-routing: Important customers"
    assert "  domains: list of domains, optional" in lines
    assert "      Default: vip" in lines
    assert "  Give at least one of these: users, channel" in lines
    assert "      enabled: false" in lines
    assert "    1. Add the tag “vip”. Once per mail." in lines
    assert lines[-1] == (
        "Make your own: maildesk templates create vip-routing --mailbox MAILBOX --id ID --set addresses=… --set users=…"
    )
    assert "“gold”" in ran("show", "vip-routing", "--set", "tag=gold").stdout


def test_the_language_is_the_environments_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_AT.UTF-8")
    assert ran("show", "vip-routing").stdout.startswith("vip-routing: Wichtige Kunden\n")
    assert ran("show", "vip-routing", "--lang", "en").stdout.startswith("vip-routing: Important customers\n")


def test_create_prints_a_file_and_what_to_do_with_it(tmp_path: Path) -> None:
    done = ran("create", *VIP)
    assert done.exit_code == 0
    file = tmp_path / "vip.yaml"
    file.write_text(done.stdout)
    (rule,) = load_rule_file(file).rules
    assert (rule.id, rule.mailbox, rule.enabled) == ("vip", "support", False)
    said = done.stderr.splitlines()
    assert said[0] == "The rules are switched off. Now you can:"
    assert "  - Store them: maildesk rules apply FILE" in said
    assert "  - Try one on a mail, without any effect: maildesk run MESSAGE-ID --rule vip --dry-run" in said
    assert any("maildesk rules diff FILE" in line and "`enabled: true`" in line for line in said)
    assert any("`mode: shadow`" in line for line in said)


def test_create_writes_a_new_file_and_never_over_one(tmp_path: Path) -> None:
    file = tmp_path / "my rules.yaml"
    done = ran("create", *VIP, "--out", str(file))
    assert done.exit_code == 0
    assert f"  - Read what they do, in sentences: maildesk rules preview --file '{file}'" in done.stdout.splitlines()
    before = file.read_bytes()
    again = ran("create", *VIP, "--set", "tag=other", "--out", str(file))
    assert (again.exit_code, file.read_bytes()) == (2, before)
    assert "is there already; choose another name, or remove it first" in " ".join(again.stderr.split())


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    done = ran("create", *VIP, "--out", str(tmp_path / "none" / "vip.yaml"))
    assert done.exit_code == 2
    assert "cannot be written: No such file or directory" in " ".join(done.stderr.split())


def test_half_a_file_does_not_stay(tmp_path: Path) -> None:
    file = tmp_path / "vip.yaml"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        done = ran("create", *VIP, "--out", str(file))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (done.exit_code, file.exists()) == (2, False)
    assert "cannot be written: File too large" in " ".join(done.stderr.split())


def test_default_texts_are_in_the_language_that_was_asked_for() -> None:
    done = ran("create", "acknowledgement", "--mailbox", "support", "--id", "ack", "--lang", "fr")
    assert "Merci pour votre e-mail « {subject} »." in done.stdout
    assert "# Créé à partir du modèle acknowledgement." in done.stdout
    mine = ran(
        "create", "acknowledgement", "--mailbox", "support", "--id", "ack", "--lang", "fr", "--set", "text=Hello."
    )
    assert "text: Hello." in mine.stdout


def test_values_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text('channel: sales\nwords: ["a, b"]\n')
    done = ran("create", "channel-notification", "--mailbox", "m", "--id", "c", "--values", str(file))
    assert done.exit_code == 0
    assert "- a, b" in done.stdout
    missing = ran("create", "channel-notification", "--mailbox", "m", "--id", "c", "--values", str(file) + "x")
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (2, True)


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (
            ("vacation", "first_day=2020-01-01", "back_on=2020-02-01"),
            "note: rule r: the windows of all its actions are over",
        ),
        (("vip-routing", "domains=a.example", "channel=c"), ""),
        (("vacation", "first_day=2996-01-01", "back_on=2996-02-01"), ""),
    ],
)
def test_what_no_mail_will_reach_is_made_with_a_word_about_it(sets: tuple[str, ...], said: str) -> None:
    name, *values = sets
    options = [each for value in values for each in ("--set", value)]
    done = ran("create", name, "--mailbox", "m", "--id", "r", *options)
    assert done.exit_code == 0
    found = [line for line in done.stderr.splitlines() if line.startswith(("note: ", "warning: "))]
    assert [line[: len(said)] for line in found] == ([said] if said else [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "vip"), "there is no template vip; known: acknowledgement, "),
        (("show", "vacation", "--lang", "xx"), "there is no language 'xx'; known: en, "),
        (("list", "--lang", "xx"), "there is no language 'xx'"),
        (("show", "vacation", "--set", "every=2h"), "every: must be at least 1d"),
        (("create", "vacation", "--mailbox", "m", "--id", "v"), "first_day: is required. The first day of the absence"),
        (("create", *VIP, "--id", "V"), "--id: must be lower-case letters"),
        (("create", *VIP, "--mailbox", "../m"), "--mailbox: must be lower-case letters"),
        (("create", *VIP, "--out", "x.yaml", "--apply"), "give --out or --apply, not both"),
        (("create", "vacation"), "Missing option"),
    ],
)
def test_what_is_wrong_is_said_and_the_exit_code_is_2(arguments: tuple[str, ...], said: str) -> None:
    done = ran(*arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert done.stdout == ""
