"""What is printed of letters whose content strangers wrote."""

import json

import pytest

from cli.dlq_report import print_letter, print_list
from cli.dlq_survey import letters
from tests.unit.cli.dlq.dead import Dead

HOSTILE = "\x1b]0;title\x07\x1b[31m\tred ü\nmore"


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_terminal_obeys_nothing_of_a_record(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    dead = Dead()
    await dead.refused(value=HOSTILE.encode())
    found = await dead.survey()
    (kept,) = [kept async for kept in letters(dead.scan(), [each.place for each in found.open])]
    print_letter(kept, None, payload=True, as_json=as_json)
    print_list(found, [kept], as_json=as_json)
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\x07" not in printed
    if as_json:
        assert json.loads(printed.splitlines()[0])["payload"] == HOSTILE
    else:
        assert "\\x1b]0;title\\x07\\x1b[31m" in printed
        assert "red ü\nmore" in printed
