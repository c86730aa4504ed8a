"""`maildesk stats` on a log of its own."""

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from runtime.postgres import Database
from tests.integration.audit.test_stats import ended
from tests.integration.audit.test_store import entries, store_on


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["stats", *arguments])


@pytest.fixture(autouse=True)
async def log(database: Database, database_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", database_dsn)
    store = await store_on(database)
    older = ended(1, 120, mailbox="support", type="star")
    await store.write(entries(ended(2, 5), ended(3, 5, "failed", seconds=0.3), older))


async def test_it_counts_since_then() -> None:
    (row,) = json.loads((await run("--json")).stdout)
    assert (row["mailbox"], row["commands"], row["failed"], row["seconds_max"]) == ("sales", 2, 1, 1.5)
    rows = json.loads((await run("--since", "1d", "--json")).stdout)
    assert [(row["mailbox"], row["action_type"]) for row in rows] == [("sales", "tag"), ("support", "star")]


@pytest.mark.parametrize("only", [("--mailbox", "support"), ("--action", "star")])
async def test_it_counts_only_what_is_asked_for(only: tuple[str, str]) -> None:
    (row,) = json.loads((await run("--since", "1d", "--json", *only)).stdout)
    assert (row["mailbox"], row["commands"]) == ("support", 1)


async def test_it_prints_a_table() -> None:
    ran = await run()
    assert ran.exit_code == 0
    assert "sales" in ran.stdout
    assert (await run("--rule", "none-such")).stdout.strip() == "Nothing in the log matches."
    assert (await run("--since", "yesterday")).exit_code == 2
