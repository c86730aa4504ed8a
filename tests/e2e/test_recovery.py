"""Everything is killed in mid-run, what the broker held is lost, and the next run brings it to the same end."""

from pathlib import Path

import psutil
import pytest

from runtime.postgres import Database
from tests.chaos.runs import RULES, mails
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, Up, rules_file
from tests.e2e.mails import make_maildir
from tests.e2e.outcome import outcome_of

MAILS = 240
PROGRESS = "SELECT count(*) FROM audit.execution"


def _arguments(folder: Path) -> tuple[Path, tuple[str, ...]]:
    maildir = make_maildir(folder / "mail", mails(MAILS))
    return maildir, ("--mail", f"chaos={maildir}", "--rules", rules_file(folder / "rules.yaml", RULES))


def _rows(desk: Desk) -> int:
    async def look(database: Database) -> int:
        there = await database.fetchval("SELECT to_regclass('audit.execution') IS NOT NULL")
        return int(await database.fetchval(PROGRESS)) if there else 0

    return desk.query(look)


def _wait_for_the_middle(running: Up) -> None:
    running.wait(lambda: _rows(running.desk) >= MAILS // 4, "in the middle")


@pytest.mark.timeout(300)
def test_a_killed_platform_and_a_lost_broker(make_desk: MakeDesk, tmp_path: Path) -> None:
    calm = make_desk(None)
    calm_mail, arguments = _arguments(tmp_path / "calm")
    whole = calm.up(*arguments)
    killed = make_desk("memory")
    maildir, arguments = _arguments(tmp_path / "killed")
    with killed.started(*arguments, "--exit-when-idle", "--json") as running:
        _wait_for_the_middle(running)
        running.kill_all()
    assert _rows(killed) < whole["log_rows"], "it was over already"
    again = killed.up(*arguments)
    assert again["totals"] == whole["totals"]
    assert outcome_of(killed, maildir).differences(outcome_of(calm, calm_mail)) == {}


@pytest.mark.timeout(300)
def test_a_power_cut_takes_the_embedded_servers_too(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(None)
    desk.dsn = None
    maildir, arguments = _arguments(tmp_path)
    postmaster = desk.home / "postgres" / "postmaster.pid"
    with desk.started(*arguments, "--exit-when-idle", "--json") as running:
        running.wait(lambda: bool(running.note), "announced")
        desk.dsn = running.note["postgres"]
        _wait_for_the_middle(running)
        server = psutil.Process(int(postmaster.read_text().split()[0]))
        family = [server, *server.children()]
        running.kill_all()
        server.kill()
        psutil.wait_procs(family, 10)
    desk.dsn = None
    again = desk.up(*arguments)
    assert again["totals"] == {"events": MAILS, "decisions": MAILS, "log_rows": MAILS * 3 // 2}
    assert not postmaster.exists(), "the last one stopped it"
    log = desk.run("log", "--json", "--limit", "100000").json
    assert len({(row["event_id"], row["rule_id"], row["action_id"]) for row in log}) == len(log) == MAILS * 3 // 2
    assert {row["state"] for row in log} == {"succeeded"}
    assert len(desk.leads()) == len({row["conversation"] for row in log if row["rule_id"] == "intake"})
    assert len(list((maildir / ".Done" / "cur").iterdir())) == MAILS * 3 // 10
