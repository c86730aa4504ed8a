"""`maildesk rules preview` on files: no server, one of eight languages, clear errors."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import rules

TWO = """
rules:
  - {id: vip, mailbox: support, actions: [{id: s, type: star}]}
  - {id: close, mailbox: support, trigger: manual, actions: [{id: s, type: move_folder, folder: "[/red]Done"}]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(TWO)
    return path


def preview(*arguments: str, **environment: str) -> Result:
    clean = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "", **environment}
    return CliRunner().invoke(rules.app, ["preview", *arguments], env=clean)


def test_one_rule_of_a_file(file: Path) -> None:
    done = preview("close", "--file", str(file))
    assert done.stdout.splitlines() == [
        "When someone runs this rule by hand on a mail of the mailbox “support”, always:",
        "  1. Move the mail to the folder “[/red]Done”. Once per mail.",
    ]


def test_all_rules_of_a_file_with_their_ids(file: Path) -> None:
    lines = preview("--file", str(file), "--lang", "nl").stdout.splitlines()
    assert [line for line in lines if line.startswith("#")] == ["# vip", "# close"]
    assert "  1. De e-mail een ster geven. Eén keer per e-mail." in lines


@pytest.mark.parametrize(
    ("environment", "word"),
    [({}, "Star"), ({"LANG": "fr_CA.UTF-8"}, "étoile"), ({"LANG": "fr_CA.UTF-8", "LC_ALL": "C"}, "Star")],
)
def test_the_locale_chooses_the_language(file: Path, environment: dict[str, str], word: str) -> None:
    assert word in preview("vip", "--file", str(file), **environment).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vip", "--lang", "it"], "there is no language 'it'; known: en, de, es, fr, nl, pt, tr, pl"),
        (["vpi"], "there is no rule vpi; known: vip, close"),
    ],
)
def test_what_is_not_known_is_named_with_what_is(file: Path, arguments: list[str], said: str) -> None:
    done = preview(*arguments, "--file", str(file))
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout


def test_a_file_without_rules_and_no_rule_at_all(file: Path) -> None:
    file.write_text("mailboxes: []\n")
    assert "there is no rule in it" in preview("--file", str(file)).stderr
    none = preview()
    assert none.exit_code == 2
    assert "--file" in none.stderr
