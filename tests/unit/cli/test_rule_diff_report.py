"""What people see of a comparison: a table that narrow terminals do not damage, mail that writes nothing to them."""

from io import StringIO

import pytest
from rich.console import Console

from cli.rule_diff_compare import Tally
from cli.rule_diff_report import MAX_WHY, plain, table
from cli.rule_diff_rows import Row

LONG = "a-rule-with-a-rather-long-name-that-no-terminal-has-room-for"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_narrow_terminal_folds_ids_and_no_number(width: int) -> None:
    shown = StringIO()
    tally = Tally(before=1_234_567, after=89)
    tally.counts["lost"] = 1_234_478
    Console(file=shown, width=width, force_terminal=True, color_system=None).print(
        table([Row(LONG, "support", "updated", tally), Row("vip", "support", "created", Tally(after=5))])
    )
    lines = shown.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    (numbers,) = [number for number, line in enumerate(lines) if "1234567" in line]
    assert lines[numbers].split()[-6:] == ["1234567", "89", "0", "1234478", "0", "0"]
    (header,) = [line for line in lines if "Rule" in line]
    ids = [line[header.index("Rule") : header.index("Change")].strip() for line in lines[numbers:]]
    assert "".join(ids) == LONG + "vip"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Grüße 😀", "Grüße 😀"),
        ("a\x1b[31mb\x07\r\nc", "a\ufffd[31mb\ufffd\ufffd\ufffdc"),
        ("\u202eabc\u2028", "\ufffdabc\ufffd"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 100 + "…"),
        ("", ""),
    ],
)
def test_content_of_a_mail_stays_on_its_line_and_says_nothing_to_the_terminal(given: str, shown: str) -> None:
    assert plain(given) == shown


def test_a_reason_is_shown_to_its_end() -> None:
    why = f"odoo_domain: cannot be told; expected {'x' * 200}, saw 'the event carries no `country_id.code`'"
    assert plain(why, MAX_WHY) == why
    assert len(plain("x" * 1_000, MAX_WHY)) == MAX_WHY + 1
