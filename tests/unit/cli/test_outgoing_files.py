"""Mailboxes with `outgoing` as files: problems are named by line and field."""

from pathlib import Path

import pytest

from cli.rule_files import load_rule_file
from runtime.errors import InvalidInputError

FILE = """mailboxes:
  - id: support
    source: {kind: maildir, path: /mail}
    outgoing:
      host: smtp.company.example
      address: support@company.example
      username: support
      password: SUPPORT_SMTP
"""


def test_a_mailbox_that_sends(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(FILE)
    (box,) = load_rule_file(file).mailboxes
    assert box.outgoing is not None
    assert (box.outgoing.password, box.outgoing.security) == ("SUPPORT_SMTP", "starttls")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("SUPPORT_SMTP", "hunter2", "8: mailboxes[0].outgoing.password: must be the NAME of a secret"),
        ("username:", "user:", '7: mailboxes[0].outgoing.user: unknown field "user"; known: host, port, security'),
        ("host: smtp.company.example", "port: 25", "4: mailboxes[0].outgoing.host: is missing"),
        ("username: support", "security: none", "this machine only"),
    ],
)
def test_problems_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(
        FILE.replace(old, new).replace(
            "      password: SUPPORT_SMTP\n", "" if "none" in new else "      password: SUPPORT_SMTP\n"
        )
    )
    with pytest.raises(InvalidInputError) as raised:
        load_rule_file(file)
    assert said in raised.value.text
