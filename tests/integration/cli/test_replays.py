"""Replays on a real Postgres: one process at a time, resumed from where they are; and what the command refuses."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from cli.main import app
from runtime.migrations import migrate
from runtime.postgres import Database
from services.console import replays
from services.console.replays import Hold, Progress, Wanted
from tests.integration.console.test_backlog_command import TEXT
from tests.integration.console.test_commands import apply_rules, home

__all__ = ["home"]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WANTED = Wanted(NOON, NOON + timedelta(hours=1), ("support",), "r1", dry_run=True, rate=5.0)
SPANS = {("mail-arrived", 0): (3, 10), ("mail-sent", 1): (0, 2)}
ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
async def asked(database: Database) -> Database:
    await migrate(database, "console")
    await replays.begin(database, "replay-1", WANTED, SPANS, requested_by="anna", requested_at=NOON)
    return database


async def test_what_was_asked_for_comes_back(asked: Database) -> None:
    found = await replays.find(asked, "replay-1")
    assert found is not None
    assert (found.wanted, found.spans, found.total) == (WANTED, SPANS, 9)
    assert (found.state, found.held, found.requested_at) == ("running", False, NOON)
    assert await replays.find(asked, "replay-2") is None
    assert [each.run for each in await replays.recent(asked)] == ["replay-1"]


async def test_one_process_at_a_time(asked: Database) -> None:
    mine, theirs = Hold(asked, "replay-1", ONE), Hold(asked, "replay-1", OTHER)
    assert await mine.take() is not None
    assert await theirs.take() is None
    moved = {**SPANS, ("mail-arrived", 0): (5, 10)}
    assert await mine.move(Progress(moved, read=2, refused=1, published=1))
    assert not await theirs.move(Progress(SPANS, 1, 0, 1))
    await mine.leave()
    taken = await theirs.take()
    assert taken is not None
    assert (taken.spans, taken.read, taken.refused, taken.published) == (moved, 2, 1, 1)
    assert not await mine.move(Progress(SPANS, 1, 0, 1)), "what it lost is not its own any more"
    await mine.finish()
    found = await replays.find(asked, "replay-1")
    assert found is not None
    assert found.state == "running"
    await theirs.finish()
    found = await replays.find(asked, "replay-1")
    assert found is not None
    assert found.state == "finished"
    assert await mine.take() is None


async def test_a_hold_runs_out_with_its_process(asked: Database) -> None:
    assert await Hold(asked, "replay-1", ONE).take() is not None
    await asked.execute("UPDATE console.replay SET held_until = now() - interval '1 second'")
    assert await Hold(asked, "replay-1", OTHER).take() is not None


async def test_one_that_is_cancelled_moves_no_more(asked: Database) -> None:
    hold = Hold(asked, "replay-1", ONE)
    taken = await hold.take()
    assert taken is not None
    assert await replays.cancel(asked, "replay-1")
    assert not await hold.move(Progress(taken.spans, 1, 0, 1))
    await hold.finish()
    found = await replays.find(asked, "replay-1")
    assert found is not None
    assert replace(found, held=False, state="cancelled") == replace(found, held=False)
    assert not await replays.cancel(asked, "replay-1")


REFUSED = (
    ((), "say from when on"),
    (("--from", "1d", "--to", "2d"), "--from must lie in the past, before --to"),
    (("--from", "2200-01-01"), "--from must lie in the past"),
    (("--from", "200d"), "the mail topics keep 90 days"),
    (("--from", "soon"), "'soon' is no time"),
    (("--from", "1d", "--mailbox", "nowhere"), "there is no mailbox nowhere; known: support"),
    (("--from", "1d", "--rule", "nothing"), "there is no rule nothing"),
    (("--from", "1d", "--rule", "idle"), "rule idle is off"),
    (("--from", "1d", "--rule", "hand"), "maildesk run MESSAGE-ID --rule hand"),
    (("resume", "replay-x"), "there is no replay replay-x"),
    (("show", "replay-x"), "there is no replay replay-x"),
    (("cancel", "replay-x"), "there is no replay replay-x"),
)


def test_what_cannot_be_replayed_is_said(home: Path) -> None:
    apply_rules(home, TEXT)
    for arguments, said in REFUSED:
        ran = CliRunner().invoke(app, ["replay", *arguments])
        assert (ran.exit_code, said in " ".join(ran.output.split())) == (2, True), (arguments, ran.output)
    down = CliRunner().invoke(app, ["replay", "--from", "1d"])
    assert (down.exit_code, "Kafka" in down.output) == (3, True), down.output
    listed = CliRunner().invoke(app, ["replay", "list", "--json"])
    assert (listed.exit_code, json.loads(listed.output)) == (0, [])
