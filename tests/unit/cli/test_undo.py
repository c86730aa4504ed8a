"""`maildesk undo`: what it refuses before it asks anybody, and how it tells what became of each."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.undo_asking import UNDONE_BEFORE, Undo
from cli.undo_finding import Execution
from cli.undo_report import members, numbers, print_undos, question

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def acted(number: int = 1, kind: str = "tag") -> Execution:
    """The n-th execution."""
    return Execution(UUID(int=number), UUID(int=90), "<a@b>", "support", 3, "act", kind, 0, AT, "tagged [x]")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--since", "yesterday"), "'yesterday' is no time"),
        (("--since", "2999-01-01"), "lies in the future"),
        (("--since", "1h", "--action", "taq"), "there is no action type taq; known: tag, star"),
        (("--since", "1h", "--revision", "0"), "--revision"),
        ((), "--since"),
    ],
)
def test_what_is_wrong_is_named(arguments: tuple[str, ...], expected: str) -> None:
    ran = CliRunner().invoke(app, ["undo", "--rule", "vip", *arguments])
    assert ran.exit_code == 2
    assert expected in ran.stderr


def test_it_asks_about_what_it_would_do() -> None:
    assert question([acted()], "vip") == "Undo 1 action of rule vip (1 tag)?"
    several = [acted(1, "tag"), acted(2, "crm_lead"), acted(3, "tag")]
    assert question(several, "vip") == "Undo 3 actions of rule vip (1 crm_lead, 2 tag)?"


def test_every_outcome_has_a_word_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    undos = [
        Undo(acted(), UUID(int=2), "undo-1", "succeeded", text="untagged [x]"),
        Undo(acted(), UUID(int=3), "undo-2", "succeeded", UNDONE_BEFORE, "untagged"),
        Undo(acted(), UUID(int=4), "undo-3", "planned", text="would untag"),
        Undo(acted(), UUID(int=5), "undo-4", "skipped", "moved-on", "it was moved on"),
        Undo(acted(), UUID(int=6), "undo-5", "failed", "flag-refused"),
        Undo(acted(), UUID(int=7), "undo-6"),
    ]
    assert [each.open for each in undos] == [False] * 5 + [True]
    expected = "1 undone, 1 undone before, 1 to undo, 1 left as it is, 1 failed, 1 not answered."
    assert numbers(undos) == expected
    print_undos(undos)
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("untagged [x]", "it was moved on", "flag-refused", expected))


def test_json_names_the_execution_and_its_undo() -> None:
    told = members(Undo(acted(), UUID(int=5), "undo-4", "skipped", "moved-on", "it was moved on", AT))
    assert (told["command_id"], told["action_type"]) == (str(UUID(int=1)), "tag")
    assert told["undo"] == {
        "command_id": str(UUID(int=5)),
        "run": "undo-4",
        "state": "skipped",
        "reason": "moved-on",
        "text": "it was moved on",
        "finished_at": "2026-03-01T12:00:00+00:00",
    }
    assert members(Undo(acted()))["undo"]["state"] is None
