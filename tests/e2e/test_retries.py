"""What failed is taken up again when its cause is mended; what was refused is waited for by nobody."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.odoo.standin.store import Store
from runtime.postgres import Database
from sandbox.ports import free_ports
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, rules_file
from tests.e2e.mails import mail, make_maildir, places

TEAM = 2
RULES = f"""
mailbox: support
rules:
  - id: intake
    when: {{type: subject, contains: [offer]}}
    actions:
      - {{id: lead, type: crm_lead, team_id: {TEAM}}}
      - {{id: mark, type: tag, add: [Offer]}}
"""


class Odoo:
    """A stand-in that lacks the sales team, until it is mended."""

    def __init__(self, folder: Path) -> None:
        (self._port,) = free_ports(1)
        self.journal = folder / "odoo.journal"
        self.url = f"http://127.0.0.1:{self._port}"
        command = ["-m", "connectors.odoo.standin", "--port", str(self._port), "--state", str(self.journal)]
        self.process = subprocess.Popen([sys.executable, *command])

    def mend(self) -> None:
        assert self._call("object", "execute_kw", "maildesk", 2, "admin", "crm.team", "create", [{"name": "N"}]) == TEAM

    def _call(self, service: str, method: str, *arguments: Any) -> Any:
        body = {"jsonrpc": "2.0", "method": "call", "params": {"service": service, "method": method, "args": arguments}}
        answer = httpx.post(f"{self.url}/jsonrpc", json=body, timeout=10).json()
        assert "error" not in answer, answer
        return answer["result"]

    def leads(self) -> list[str]:
        with closing(Store(self.journal)) as store:
            return [str(lead["name"]) for lead in store.tables["crm.lead"].values()]


@pytest.fixture
def odoo(tmp_path: Path) -> Iterator[Odoo]:
    found = Odoo(tmp_path)
    yield found
    found.process.terminate()
    found.process.wait(10)


def log(desk: Desk, run: str = "") -> dict[tuple[str, str], tuple[str, str]]:
    """State and reason by action and kind of run."""

    async def look(database: Database) -> dict[tuple[str, str], tuple[str, str]]:
        if not await database.fetchval("SELECT to_regclass('audit.execution_log_v1') IS NOT NULL"):
            return {}
        rows = await database.fetch("SELECT * FROM audit.execution_log_v1 WHERE $1 IN ('', run)", run)
        return {(row["action_id"], row["run"].split("-")[0]): (row["state"], row["reason"]) for row in rows}

    return desk.query(look)


@pytest.mark.timeout(300)
def test_a_lead_that_odoo_refused_is_made_once_by_a_retry(make_desk: MakeDesk, odoo: Odoo, tmp_path: Path) -> None:
    desk = make_desk("memory")
    desk.env |= {"ODOO_DB": "maildesk", "ODOO_LOGIN": "admin", "ODOO_PASSWORD": "admin"}
    maildir = make_maildir(tmp_path / "mail", [mail("offer-1", "An offer")])
    arguments = ("--mail", f"support={maildir}", "--rules", rules_file(tmp_path / "rules.yaml", RULES))
    with desk.started(*arguments, "--odoo", odoo.url) as running:
        running.wait(lambda: ("mark", "live") in log(desk), "failed and stopped")
        failed = log(desk)
        assert (failed["lead", "live"][0], failed["mark", "live"][0]) == ("failed", "skipped")
        running.wait(lambda: bool(desk.run("dlq", "list", "--json").json["letters"]), "put aside")
        (letter,) = desk.run("dlq", "list", "--rule", "intake", "--json").json["letters"]
        assert letter["code"] == failed["lead", "live"][1]

        first = desk.run("retry", letter["command"]["command_id"])
        assert first.code == 0, first.err
        running.wait(lambda: ("mark", "retry") in log(desk), "failed again, as nothing was mended")
        odoo.mend()
        again = desk.run("retry", "--rule", "intake", "--yes", "--json")
        (made,) = again.json["letters"]
        running.wait(lambda: log(desk, made["run"]).get(("mark", "retry")) == ("succeeded", ""), "done")
        assert desk.run("retry", "--rule", "intake", "--yes", "--json").json["letters"] == []
        assert log(desk, made["run"])["lead", "retry"] == ("succeeded", "")
        assert "Offer" in places(maildir)["<offer-1@tests.example>"].keywords, "the rest of the rule went on"
        assert "crm_lead (retry)" in desk.run("log").out
        explained = desk.run("explain", "offer-1@tests.example", "--run", made["run"])
        assert explained.code == 0
        assert "intake" in explained.out
    assert odoo.leads() == ["An offer"]


@pytest.mark.timeout(300)
def test_nobody_waits_for_an_event_that_was_refused(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("memory")
    maildir = make_maildir(tmp_path / "mail", [mail("offer-1", "An offer"), mail("plain-1", "Hello")])
    arguments = ("--mail", f"support={maildir}", "--rules", rules_file(tmp_path / "rules.yaml", RULES))
    desk.up(*arguments)

    async def spoil(database: Database) -> None:
        await database.execute("UPDATE ingest.event SET value = '{}' WHERE message_id LIKE '%plain-1%'")
        await database.execute("DELETE FROM audit.decision WHERE message_id LIKE '%plain-1%'")

    desk.query(spoil)
    with desk.started(*arguments, "--exit-when-idle", "--json") as running:
        assert running.result()["events"] == 0
