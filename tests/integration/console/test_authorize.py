"""`maildesk mailboxes authorize` on a real database and token server: what is printed, kept, and the exit code."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import mailboxes
from sandbox.ports import free_ports
from tests.servers.tokens import TokenServer, running_token_server

BOXES = """mailboxes:
  - id: files
    source: {{kind: eml, path: /m}}
  - id: sales
    source:
      kind: imap
      host: imap.company.example
      username: sales@company.example
      oauth:
        {{provider: custom, client_id: app, refresh_token: GRANT, token_url: "{url}/token", device_url: "{url}/device"}}
"""


@pytest.fixture
def server(database_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TokenServer]:
    """Asked every twentieth of a second; the mailboxes are applied."""
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", database_dsn)
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_ports(1)[0]}")
    monkeypatch.setenv("MAILDESK_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("COLUMNS", "200")
    with running_token_server() as running:
        running.interval = 0.05
        (tmp_path / "boxes.yaml").write_text(BOXES.format(url=running.url))
        applied = CliRunner().invoke(mailboxes.app, ["apply", str(tmp_path / "boxes.yaml"), "--author", "anna"])
        assert applied.exit_code == 0, applied.output
        yield running


def authorize(mailbox: str) -> Result:
    return CliRunner().invoke(mailboxes.app, ["authorize", mailbox])


def test_a_grant_is_kept_and_never_printed(server: TokenServer, tmp_path: Path) -> None:
    server.script = ["authorization_pending", ""]
    done = authorize("sales")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        f"Open {server.url}/enter as sales@company.example, and enter the code ABCD-EFGH",
        "granted: sales; kept as the secret GRANT",
    ]
    assert (tmp_path / "secrets" / "GRANT").read_text() == f"{server.refresh_token}\n"
    assert server.refresh_token not in done.output


@pytest.mark.parametrize(
    ("mailbox", "script", "code", "said"),
    [
        ("sales", ["access_denied"], 2, "the consent was denied"),
        ("files", [], 2, "does not log in with tokens"),
        ("nobody", [], 2, "there is no mailbox nobody; there are: files, sales"),
    ],
)
def test_what_does_not_work_is_said(
    server: TokenServer, tmp_path: Path, mailbox: str, script: list[str], code: int, said: str
) -> None:
    server.script = script
    done = authorize(mailbox)
    assert (done.exit_code, said in done.output) == (code, True), done.output
    assert not (tmp_path / "secrets" / "GRANT").exists()


def test_a_provider_that_is_down_is_an_exit_code_of_its_own(server: TokenServer) -> None:
    server.trouble = "error 500"
    assert authorize("sales").exit_code == 3
