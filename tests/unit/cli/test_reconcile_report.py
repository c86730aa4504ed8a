"""What reconcile prints: for people, for programs, and of what strangers wrote."""

import json
from uuid import UUID

import pytest

from cli.reconcile.gaps import Gap, Note
from cli.reconcile.report import Document, Lines

GAP = Gap("not-recorded", "info", "incoming INBOX/\x1b]0;t\x07[red]", "ingest has not come to it", "--mend")
OTHER = Gap("undecided", "info", "imap://x", "no decision", "--mend", event=UUID(int=7), run="live")


def test_a_terminal_obeys_nothing_and_every_gap_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    report = Lines()
    for each in (Note("info", "INBOX: 1 listed\x1b[0m"), GAP, OTHER):
        report.take(each)
    report.close(1)
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err
    assert "not-recorded  info  incoming INBOX/\\x1b]0;t\\x07[red]" in printed.out
    assert printed.out.endswith("2 gaps. Published again: 1.\n")


def test_without_a_gap_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    Lines().close(None)
    assert capsys.readouterr().out.startswith("No gap: ")


@pytest.mark.parametrize("found", [[], [GAP], [Note("info", "x"), GAP, OTHER]])
def test_the_document_is_one_whatever_was_found(capsys: pytest.CaptureFixture[str], found: list[Gap | Note]) -> None:
    report = Document()
    for each in found:
        report.take(each)
    report.close(None)
    document = json.loads(capsys.readouterr().out)
    assert (len(document["found"]), document["mended"]) == (len(found), 0)
    assert document["gaps"] == sum(isinstance(each, Gap) for each in found)
    if OTHER in found:
        assert document["found"][-1] == {
            "kind": "undecided", "mailbox": "info", "place": "imap://x", "text": "no decision", "remedy": "--mend",
            "event": str(UUID(int=7)), "run": "live",
        }  # fmt: skip
