"""A real IMAP account: read once and left unseen, tagged, starred and moved for real, sent mail too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, not_ready, rules_file
from tests.e2e.mails import Mail, mail
from tests.servers.dovecot import DovecotServer, running_dovecot

RULES = """
mailbox: support
mailboxes:
  - {id: support, actions_since: beginning, source: {kind: eml, path: /replaced/by/--mail}}
rules:
  - id: triage
    when: {type: subject, contains: [urgent]}
    actions:
      - {id: mark, type: tag, add: ["Büro 1"]}
      - {id: star, type: star}
      - {id: file, type: move_folder, folder: Done}
  - id: promised
    trigger: after_send
    when: {type: subject, contains: [promise]}
    actions:
      - {id: mark, type: tag, add: [Promised]}
  - id: lost
    when: {type: subject, contains: [lost]}
    actions:
      - {id: file, type: move_folder, folder: Nowhere}
"""
INBOX = [
    mail("urgent-1", "urgent: one"),
    mail("urgent-2", "urgent: two"),
    mail("lost-1", "lost and found"),
    *(mail(f"news-{number}", "News") for number in range(60)),
]
SENT = [mail("promise-1", "I promise", sender="anna@company.example", references=["<urgent-1@tests.example>"])]
Found = dict[str, set[str]]


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[DovecotServer]:
    with running_dovecot(tmp_path) as server:
        yield server


@contextmanager
def account(server: DovecotServer) -> Iterator[IMAPClient]:
    with IMAPClient(server.host, server.port, ssl=False) as client:
        client.login("anna", server.users["anna"])
        yield client


def append(server: DovecotServer, folder: str, mails: list[Mail]) -> None:
    with account(server) as client:
        if not client.folder_exists(folder):
            client.create_folder(folder)
        for each in mails:
            client.append(folder, each.raw)


def flags(server: DovecotServer, folder: str) -> Found:
    """Flags and keywords by Message-ID."""
    found: Found = {}
    with account(server) as client:
        client.select_folder(folder, readonly=True)
        for data in client.fetch(client.search(), ["FLAGS", "ENVELOPE"]).values():
            name = data[b"ENVELOPE"].message_id.decode()
            assert name not in found
            found[name] = {flag.decode() for flag in data[b"FLAGS"]} - {"\\Recent"}
    return found


def states(desk: Desk) -> dict[tuple[str, str], str]:
    """The state of each action by mail and rule."""
    ran = desk.run("log", "--json")
    assert ran.code == 0, ran.err
    return {(row["message_id"], f"{row['rule_id']}/{row['action_id']}"): row["state"] for row in ran.json}


@pytest.mark.timeout(240)
def test_an_account_is_worked_on_once(make_desk: MakeDesk, dovecot: DovecotServer, tmp_path: Path) -> None:
    desk = make_desk(None)
    append(dovecot, "INBOX", INBOX)
    append(dovecot, "Sent", SENT)
    append(dovecot, "Done", [])
    desk.env["MAILDESK_SECRET_MAIL_PASSWORD"] = dovecot.users["anna"]
    url = f"support=imap://anna@{dovecot.host}:{dovecot.port}"
    arguments = ("--mail", url, "--rules", rules_file(tmp_path / "rules.yaml", RULES))

    first = desk.up(*arguments)
    assert (first["mails"], first["decisions"]) == (len(INBOX) + len(SENT), len(INBOX) + len(SENT))
    marked = {"B=C3=BCro=201", "\\Flagged"}
    assert flags(dovecot, "Done") == {"<urgent-1@tests.example>": marked, "<urgent-2@tests.example>": marked}
    assert flags(dovecot, "Sent") == {"<promise-1@tests.example>": {"Promised"}}
    inbox = flags(dovecot, "INBOX")
    assert len(inbox) == len(INBOX) - 2
    assert set().union(*inbox.values()) == set(), "reading leaves mail unseen"
    assert states(desk)["<lost-1@tests.example>", "lost/file"] == "failed"
    assert first["unexpected_failures"] == 0, "a folder that is not there is a mistake in the rule"

    append(dovecot, "INBOX", [mail("urgent-3", "urgent: three")])
    second = desk.up(*arguments)
    assert (second["mails"], second["decisions"], second["log_rows"]) == (1, 1, 3), "only what is new is read"
    assert len(flags(dovecot, "Done")) == 3
    assert dovecot.users["anna"] not in "".join(desk.logs().values())


def test_a_wrong_password_is_named_where_people_look(desk: Desk, dovecot: DovecotServer) -> None:
    desk.env["MAILDESK_SECRET_MAIL_PASSWORD"] = "hunter2"
    with desk.started("--mail", f"support=imap://anna@{dovecot.host}:{dovecot.port}") as running:
        running.wait(lambda: not_ready(running.get("ingest", "/readyz")) == {"mailbox support"}, "named on /readyz")
        report = running.get("ingest", "/readyz").text
    assert "hunter2" not in report + running.said() + "".join(desk.logs().values())
