"""Rules that ask Odoo: facts travel with the mail; while Odoo is away they wait, and then act exactly once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.odoo.standin.store import Store
from runtime.postgres import Database
from sandbox.ports import free_ports
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, Up, rules_file
from tests.e2e.mails import mail, make_maildir, places

ADMINISTRATOR = "Mitchell <admin@company.example>"
"""A partner of the stand-in, whose company is a partner too."""
RULES = """
mailbox: support
rules:
  - {id: before, order: 1, actions: [{id: tag, type: tag, add: [Before]}]}
  - id: colleagues
    order: 2
    when: {type: odoo_domain, on: partner, domain: "[('parent_id.name', '=', 'My Company')]"}
    actions: [{id: tag, type: tag, add: [Colleague]}, {id: lead, type: crm_lead}]
  - {id: after, order: 3, actions: [{id: tag, type: tag, add: [After]}]}
"""
COLLEAGUE, STRANGER = ("<from-inside@tests.example>", "<from-outside@tests.example>")


def arguments(folder: Path) -> tuple[str, ...]:
    mails = [mail("from-inside", "Hello", sender=ADMINISTRATOR), mail("from-outside", "Hello there", minute=1)]
    maildir = make_maildir(folder / "mail", mails)
    return ("--mail", f"support={maildir}", "--rules", rules_file(folder / "rules.yaml", RULES))


def tags(folder: Path) -> dict[str, set[str]]:
    return {name: set(place.keywords) for name, place in places(folder / "mail").items()}


def waiting(running: Up) -> int:
    """How many events of the mailbox wait, as ingest says."""
    answer = running.get("ingest", "/status")
    counts: dict[str, int] = json.loads(answer.text)["facts"].get("odoo", {}).get("waiting", {}) if answer.text else {}
    return counts.get("support", 0)


def decisions(desk: Desk, message_id: str) -> list[tuple[str, str, dict[str, str]]]:
    """Run, outcome and what each rule came to, from the log; `explain` makes the same again."""
    ran = desk.run("explain", message_id.strip("<>"), "--json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = ran.json
    assert all(each["agrees"] for each in found)
    return [
        (each["run"][:6], each["outcome"], {one["rule"]["id"]: one["outcome"] for one in each["verdicts"]})
        for each in found
    ]


@contextmanager
def standin(port: int, journal: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "connectors.odoo.standin", "--port", str(port), "--state", str(journal)]
    with subprocess.Popen(command) as process:
        try:
            yield
        finally:
            process.terminate()


def test_facts_travel_with_the_mail(desk: Desk, tmp_path: Path) -> None:
    summary = desk.up(*arguments(tmp_path))
    assert summary["decisions"] == 2
    assert tags(tmp_path) == {COLLEAGUE: {"Before", "Colleague", "After"}, STRANGER: {"Before", "After"}}
    assert [lead["name"] for lead in desk.leads()] == ["Hello"]
    assert [(run, outcome) for run, outcome, _ in decisions(desk, COLLEAGUE)] == [("live", "commands")]


@pytest.mark.timeout(240)
def test_an_odoo_that_is_away_defers_what_needs_it(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk, (port,) = make_desk("memory"), free_ports(1)
    desk.env |= {"ODOO_DB": "maildesk", "ODOO_LOGIN": "admin", "ODOO_PASSWORD": "admin"}
    journal = tmp_path / "odoo.journal"
    with desk.started(*arguments(tmp_path), "--odoo", f"http://127.0.0.1:{port}", "--exit-when-idle") as running:
        running.wait(lambda: all("Before" in found for found in tags(tmp_path).values()), "the first rule acted")
        running.wait(lambda: waiting(running) == 2, "both mails wait")
        assert set(tags(tmp_path)[COLLEAGUE]) == {"Before"}
        ingest = running.child("services.ingest")
        assert ingest is not None
        ingest.kill()
        with standin(port, journal):
            running.process.wait(150)
    assert running.process.returncode == 0, running.said()
    assert tags(tmp_path) == {COLLEAGUE: {"Before", "Colleague", "After"}, STRANGER: {"Before", "After"}}
    with closing(Store(journal)) as store:
        assert [lead["name"] for lead in store.tables["crm.lead"].values()] == ["Hello"]
    live, later = decisions(desk, COLLEAGUE)
    assert live == ("live", "commands", {"before": "matched", "colleagues": "deferred", "after": "deferred"})
    assert later == ("facts-", "commands", {"before": "not_tried", "colleagues": "matched", "after": "matched"})
    assert decisions(desk, STRANGER)[1][2] == {"before": "not_tried", "colleagues": "not_matched", "after": "matched"}
    assert desk.query(acted) == [("after", 2), ("before", 2), ("colleagues", 2)]


@pytest.mark.timeout(300)
def test_a_power_cut_while_mail_waits_and_while_it_catches_up(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk, (port,) = make_desk("memory"), free_ports(1)
    desk.env |= {"ODOO_DB": "maildesk", "ODOO_LOGIN": "admin", "ODOO_PASSWORD": "admin"}
    given = (*arguments(tmp_path), "--odoo", f"http://127.0.0.1:{port}")
    with desk.started(*given) as running:
        running.wait(lambda: waiting(running) == 2, "both mails wait")
        running.kill_all()
    journal = tmp_path / "odoo.journal"
    with standin(port, journal):
        with desk.started(*given) as running:
            running.wait(lambda: desk.query(answered) > 0, "Odoo's answer is in the ledger")
            running.kill_all()
        assert desk.up(*given[:4], "--odoo", given[-1])["unexpected_failures"] == 0
    assert tags(tmp_path) == {COLLEAGUE: {"Before", "Colleague", "After"}, STRANGER: {"Before", "After"}}
    with closing(Store(journal)) as store:
        assert [lead["name"] for lead in store.tables["crm.lead"].values()] == ["Hello"]
    assert desk.query(acted) == [("after", 2), ("before", 2), ("colleagues", 2)]


async def answered(database: Database) -> int:
    """How many events have their facts."""
    sql = "SELECT count(*) FROM ingest.deferred_v1 WHERE answered_at IS NOT NULL"
    return int(await database.fetchval(sql))


async def acted(database: Database) -> list[tuple[str, int]]:
    """How many actions of each rule are in the log."""
    sql = "SELECT rule_id, count(*)::int AS many FROM audit.execution_log_v1 WHERE state = 'succeeded' GROUP BY 1"
    return sorted((row["rule_id"], row["many"]) for row in await database.fetch(sql))
