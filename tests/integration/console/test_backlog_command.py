"""`maildesk backlog` on a real ledger and log: what it refuses, counts, begins, shows and cancels."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from cli import backlog
from cli.backlog_following import follow, tally_of
from cli.setup import migrate_all
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.postgres import Database, connect
from services.audit.store import AuditStore
from services.evaluator.evaluate import evaluate
from services.ingest.backlog.asked import Asked, begin
from tests.integration.audit.test_store import entries
from tests.integration.console.recording import START, mail, recorded
from tests.integration.console.test_commands import apply_rules, home
from tests.integration.console.test_rule_files import query
from tests.unit.services.evaluator.making import mailbox, request, rule, ruleset

__all__ = ["home"]
TEXT = """
mailboxes:
  - {id: support, source: {kind: eml, path: /s}}
rules:
  - id: offers
    mailbox: support
    when: {type: subject, contains: [offer]}
    actions:
      - {id: star, type: star}
      - {id: night, type: tag, add: [Night], window: {days: [mon], on_or_after: 2000-01-01, before: 2000-02-01}}
      - {id: thanks, type: auto_reply, text: Thanks}
  - {id: idle, mailbox: support, enabled: false, actions: [{id: star, type: star}]}
  - {id: hand, mailbox: support, trigger: manual, actions: [{id: star, type: star}]}
  - {id: sent, mailbox: support, trigger: after_send, actions: [{id: star, type: star}]}
"""


REFUSED = (
    (("nowhere", "--since", "1d", "--rule", "offers", "--dry-run"), "there is no mailbox nowhere; known: support"),
    (("support", "--since", "1d", "--rule", "nothing", "--dry-run"), "it has: hand, idle, offers, sent"),
    (("support", "--since", "1d", "--rule", "hand", "--dry-run"), "maildesk run MESSAGE-ID --rule hand"),
    (("support", "--since", "1d", "--until", "2d", "--rule", "offers"), "--since must lie in the past"),
    (("support", "--since", "soon", "--rule", "offers"), "'soon' is no time"),
    (("support", "--since", "1d", "--rule", "idle"), "rule idle is off; switch it on first"),
    (("show", "backlog-x"), "there is no run backlog-x"),
    (("cancel", "backlog-x"), "there is no run backlog-x"),
)


class Hurried(FakeClock):
    """Nobody waits."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(backlog.app, [*arguments])


def runs(dsn: str) -> list[str]:
    return query(dsn, "SELECT run FROM ingest.backlog_v1")


@pytest.fixture
def desk(home: Path, database_dsn: str) -> str:
    applied = apply_rules(home, TEXT)
    assert applied.exit_code == 0, applied.output
    recorded(database_dsn, *[mail(number, "An offer", days=number) for number in range(4)], mail(7, "Else", days=7))
    return database_dsn


def test_a_dry_run_counts_and_leaves_no_trace(desk: str) -> None:
    done = run(
        "support", "--since", f"{START:%Y-%m-%dT%H:%M}", "--until", "1d", "--rule", "offers", "--dry-run", "--json"
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {name: found[name] for name in ("recorded", "evaluated", "matched", "would_act", "skipped")} == {
        "recorded": 5,
        "evaluated": 5,
        "matched": 4,
        "would_act": 4,
        "skipped": 8,
    }
    assert found["actions"] == [
        {"action": "star", "type": "star", "would act": 4},
        {"action": "night", "type": "tag", "skipped: outside window": 4},
        {"action": "thanks", "type": "auto_reply", "skipped: backlog": 4},
    ]
    assert runs(desk) == []
    said = run("support", "--since", "2000-01-01", "--rule", "idle", "--dry-run").stdout
    assert "Dry run of rule idle on mailbox support: nothing was done." in said
    assert "star (star): 5 would act" in said
    assert "The rule is off" in said


def test_what_can_do_nothing_is_refused(desk: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for arguments, said in REFUSED:
        done = run(*arguments)
        assert (done.exit_code, said in " ".join(done.output.split())) == (2, True), done.output
    monkeypatch.delenv("MAILDESK_KAFKA_BOOTSTRAP")
    monkeypatch.setenv("MAILDESK_STATE_DIR", str(tmp_path / "state"))
    done = run("support", "--since", "30d", "--rule", "offers")
    assert (done.exit_code, "start `maildesk up`" in done.output) == (3, True), done.output
    assert runs(desk) == []


async def begun(database: Database, **fields: Any) -> str:
    given = {"mailbox": "support", "rule": "offers", "direction": "incoming", "since": START, "until": None}
    asked = Asked(**{**given, "rate": None, "changed_at": START, "by": "anna", **fields})
    return await begin(database, asked, uuid4(), START)


def test_a_run_is_listed_shown_and_cancelled_once(desk: str) -> None:
    async def ask() -> str:
        database = await connect(desk, name="tests", pool_size=1)
        try:
            return await begun(database, rate=5.0)
        finally:
            await database.close()

    identity = asyncio.run(ask())
    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["run"], listed["kind"], listed["rate"], listed["requested_by"]) == (identity, "backlog", 5.0, "anna")
    assert f"{identity}: rule offers on mailbox support, running, 0 of" in run("show", identity).stdout
    assert run("cancel", identity).stdout == f"cancelled: {identity}\n"
    again = run("cancel", identity)
    assert (again.exit_code, "it is cancelled" in again.output) == (2, True)
    assert identity in run("list").stdout


@pytest.mark.parametrize(
    ("state", "said"),
    [("running", "no process of ingest goes on with it"), ("done", "are evaluator and audit running")],
)
async def test_nobody_waits_for_ever_for_a_run_that_stands_still(database: Database, state: str, said: str) -> None:
    await migrate_all(database)
    identity = await begun(database)
    await database.execute("UPDATE ingest.backlog SET state = $1, published = 3", state)
    with pytest.raises(TargetDownError, match=said):
        await follow(database, identity, Hurried(START))


async def test_a_run_is_finished_when_all_that_was_handed_on_is_decided_and_final(database: Database) -> None:
    await migrate_all(database)
    identity = await begun(database)
    await database.execute("UPDATE ingest.backlog SET state = 'done', total = 2, published = 2")
    event, other = mail(20, "An offer"), mail(21, "Else")
    asks = [request(each, run=identity, rule="offers", backlog=True, requested_at=START) for each in (event, other)]
    rules = ruleset([rule("offers", {"type": "subject", "contains": ["offer"]}), rule("b")], mailbox())
    decisions = [evaluate(rules, each).decision for each in asks]
    await AuditStore(database).write(entries(*decisions[1:]))
    half = await tally_of(database, identity)
    assert (half.evaluated, half.matched, half.unfinished) == (1, 0, 0)
    await AuditStore(database).write(entries(*decisions))
    whole = await tally_of(database, identity)
    assert (whole.evaluated, whole.matched, whole.unfinished) == (2, 1, 1)
    await database.execute("DELETE FROM audit.expected")
    assert (await follow(database, identity, Hurried(START))).evaluated == 2
