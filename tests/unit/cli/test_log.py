"""`maildesk log`: what it refuses before it asks a database."""

import pytest
from typer.testing import CliRunner

from cli.log import STATES
from cli.main import app


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--state", "suceeded", f"there is no state 'suceeded'; known: {', '.join(STATES)}"),
        ("--since", "yesterday", "'yesterday' is no time"),
    ],
)
def test_a_mistyped_option_is_no_empty_answer(option: str, value: str, expected: str) -> None:
    ran = CliRunner().invoke(app, ["log", option, value])
    assert ran.exit_code == 2
    assert expected in ran.stderr
