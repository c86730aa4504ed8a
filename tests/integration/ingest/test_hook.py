"""A call of Odoo on real Postgres: it ends the wait of whoever holds the mailbox, in this process or in another."""

import asyncio
from dataclasses import replace

import pytest

from connectors.mailbox.news import News
from runtime import postgres
from runtime.clock import SystemClock
from runtime.postgres import Database, connect
from runtime.service import Process
from services.ingest.hook.calls import Calls
from services.ingest.hook.spread import CHANNEL, Spread
from services.ingest.reader import MailboxReader
from services.ingest.store import Ledger
from tests.integration.ingest.parts import MAILBOX, Broker, desk, migrated, numbered, until
from tests.unit.services.ingest.hook.silent import SilentMailbox


async def listeners(database: Database, wanted: int) -> None:
    """Wait until so many connections listen."""
    for _ in range(500):
        found = await database.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        if found == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{found} connections listen")


async def test_a_call_reaches_the_process_that_reads_the_mailbox(database: Database, database_dsn: str) -> None:
    other = await connect(database_dsn, name="other")
    clock, process = SystemClock(), Process("ingest")
    here, there = Calls(clock), Calls(clock)
    taking, hearing = Spread(database, here), Spread(other, there)
    tasks = [asyncio.create_task(work) for work in (taking.pass_on(process), hearing.listen(process))]
    await listeners(database, 1)
    waiting = asyncio.create_task(there.within("leads", 30))
    await asyncio.sleep(0)
    for _ in range(500):
        taking.call(["leads", "sales"])
    async with asyncio.timeout(5):
        assert await waiting is True
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await listeners(database, 0)
    await other.close()


async def test_a_connection_that_broke_is_listened_on_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LISTEN_SECONDS", 0.1)
    calls, process = Calls(SystemClock()), Process("ingest")
    task = asyncio.create_task(Spread(database, calls).listen(process))
    await listeners(database, 1)
    await database.fetchval(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^(LISTEN|SELECT 1$)'"
    )
    waiting = asyncio.create_task(calls.within("leads", 30))
    async with asyncio.timeout(10):
        while not waiting.done():
            await database.notify(CHANNEL, ["leads"])
            await asyncio.sleep(0.1)
    assert await waiting is True
    task.cancel()


async def test_a_called_mailbox_is_looked_at_at_once(database: Database) -> None:
    box, broker, clock = SilentMailbox("info"), Broker(), SystemClock()
    made = desk(Ledger(await migrated(database)), broker, box)
    calls = Calls(clock)
    reading = replace(made.reading, clock=clock, poll=300.0, calls=calls)
    assert await box.wait(["INBOX"], 1) is News.UNTOLD
    task = asyncio.create_task(MailboxReader(MAILBOX, box, reading).run())
    await until(lambda: made.health.facts["mailboxes"]["info"]["scanned_once"])
    calls.call(["info"])  # by Odoo 17, in whose transaction the mail is not to be seen yet
    await asyncio.sleep(0.3)
    box.deliver(numbered(1))
    await until(lambda: len(broker.records) == 1)
    task.cancel()
