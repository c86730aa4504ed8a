"""Mailboxes with `outgoing` as files: problems are named by line and field."""

from pathlib import Path

import pytest

from cli.authorizing import grants_of
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
        ("host: smtp.company.example", "port: 25", "mailboxes[0].outgoing: give host, or a preset that knows it"),
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


GRANT = """mailboxes:
  - id: sales
    source:
      kind: imap
      preset: office365
      username: sales@company.example
      oauth: &grant
        provider: microsoft
        client_id: app
        refresh_token: SALES_GRANT
    outgoing:
      preset: office365
      username: sales@company.example
      address: sales@company.example
      oauth: *grant
"""


def test_a_mailbox_with_one_grant_for_both_sides(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(GRANT)
    (box,) = load_rule_file(file).mailboxes
    assert box.outgoing is not None
    assert grants_of(box) == [("sales@company.example", box.outgoing.oauth)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("SALES_GRANT", "0.AXoA-refresh", "10: mailboxes[0].source.oauth.refresh_token: must be the NAME of a secret"),
        ("client_id: app", "client_id: äpp", "source.oauth.client_id: must be plain ASCII, as the provider shows it"),
        ("provider: microsoft", "provider: custom", "source.oauth: provider: custom needs token_url"),
        ("preset: office365\n      username", "username", "mailboxes[0].source: give host, or a preset"),
        ("      oauth: *grant", "      password: P\n      oauth: *grant", "give either password or oauth, not both"),
    ],
)
def test_problems_of_grants_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(GRANT.replace(old, new))
    with pytest.raises(InvalidInputError) as raised:
        load_rule_file(file)
    assert said in raised.value.text


def test_only_mailboxes_with_grants_are_authorized(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(FILE)
    (box,) = load_rule_file(file).mailboxes
    with pytest.raises(InvalidInputError, match="does not log in with tokens"):
        grants_of(box)
