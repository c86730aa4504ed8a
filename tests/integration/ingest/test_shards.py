"""Several workers share the mailboxes, on a real Postgres: each has one reader, and a dead worker's are taken over."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.news import News
from connectors.mailbox.port import Batch
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.health import Health
from runtime.postgres import Database
from runtime.service import Process
from schemas.mail import MailArrived
from schemas.mailbox import EmlSource, Mailbox
from services.ingest.fleet import Fleet
from services.ingest.handlers import BatchHandler
from services.ingest.model import Feed
from services.ingest.parse.mail import parse_mail
from services.ingest.publisher import Relay
from services.ingest.reader import Reading
from services.ingest.shards.fences import Fences, LeaseLostError
from services.ingest.shards.keeper import LOOKS, Keeper
from services.ingest.shards.leases import Leases, Worker
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger
from tests.integration.ingest.parts import Broker, migrated, no_facts, numbered, until

SECONDS = 3.0
NAMES = tuple(f"box{number}" for number in range(6))
MAILBOXES = {name: Mailbox(id=name, source=EmlSource(kind="eml", path="/mail")) for name in NAMES}
_lives = itertools.count()


class Account(FakeMailbox):
    """Says who reads it while somebody does."""

    def __init__(self, name: str, worker: str, accounts: "Accounts") -> None:
        super().__init__(name)
        self._worker = worker
        self._accounts = accounts
        self._name = name

    async def scan(self, folder: str, cursor: str | None) -> AsyncIterator[Batch]:
        readers = self._accounts.reading[self._name]
        readers[self._worker] += 1
        self._accounts.most = max(self._accounts.most, sum(1 for count in readers.values() if count))
        try:
            async for batch in self._accounts.boxes[self._name].scan(folder, cursor):
                yield batch
        finally:
            readers[self._worker] -= 1

    async def wait(self, folders: Sequence[str], seconds: float) -> News:
        return await self._accounts.boxes[self._name].wait(folders, seconds)


class Accounts:
    """The mail that all workers see. `most`: the largest number of workers that read one mailbox at once."""

    def __init__(self) -> None:
        self.boxes = {name: FakeMailbox(name) for name in NAMES}
        self.reading: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
        self.most = 0


class Life:
    """One worker, put together as bootstrap does."""

    def __init__(self, name: str, database: Database, accounts: Accounts, broker: Broker) -> None:
        self.process = Process("ingest", health=Health(), backoff=Backoff(first=0.05, longest=0.2))
        clock, board = SystemClock(), StatusBoard(self.process.health)
        worker = Worker(name, f"{name}/{next(_lives)}")
        self.fences = Fences(worker.id)
        self.ledger = Ledger(database, fences=self.fences)
        relay = Relay(self.ledger, broker, clock)
        handler = BatchHandler(self.ledger, relay, parse_mail, no_facts(clock), clock)
        backoff = Backoff(first=0.02, longest=0.1)
        reading = Reading(handler, relay, self.ledger, board, clock, poll=0.02, backoff=backoff)
        self.fleet = Fleet(lambda box: Account(box.id, name, accounts), reading, SECONDS / LOOKS)
        self.keeper = Keeper(Leases(database, worker, SECONDS), self.fleet, self.fences, board, SECONDS)
        self.keeper.want(1, MAILBOXES)
        self._task = asyncio.create_task(self.keeper.follow(self.process))

    @property
    def reads(self) -> set[str]:
        """The mailboxes that it reads."""
        return {name for name in NAMES if self.keeper.reads(name)}

    async def stop(self) -> None:
        """As when it is asked to."""
        self.process.stopping.set()
        await self._task
        await self.fleet.close()
        await self.keeper.leave()

    async def die(self) -> None:
        """SIGKILL: nothing is given back."""
        self._task.cancel()
        await asyncio.wait({self._task})
        await self.fleet.close()


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
async def live(database: Database, accounts: Accounts) -> AsyncIterator[Callable[[str], Life]]:
    """Workers by name; those that are left stop at the end."""
    await migrated(database)
    broker = Broker()
    async with AsyncExitStack() as stack:

        def begin(name: str) -> Life:
            life = Life(name, database, accounts, broker)
            stack.push_async_callback(life.die)
            return life

        begin.broker = broker  # type: ignore[attr-defined]
        yield begin


async def seconds_until(true: Callable[[], bool]) -> float:
    clock = SystemClock()
    began = clock.monotonic()
    await until(true)
    return clock.monotonic() - began


async def test_workers_come_go_and_die_and_every_mail_is_read_once(
    live: Callable[[str], Life], accounts: Accounts, database: Database
) -> None:
    numbers = itertools.count()

    def deliver() -> int:
        for box in accounts.boxes.values():
            box.deliver(numbered(next(numbers)))
        return len(accounts.boxes)

    broker: Broker = live.broker  # type: ignore[attr-defined]
    sent = deliver()
    first = live("first")
    await until(lambda: first.reads == set(NAMES) and len(broker.distinct()) == sent)

    second, third = live("second"), live("third")
    await until(lambda: all(len(life.reads) == 2 for life in (first, second, third)))
    assert first.reads | second.reads | third.reads == set(NAMES)
    sent += deliver()
    await until(lambda: len(broker.distinct()) == sent)
    assert first.process.health.facts["share"] == {"holds": 2, "mailboxes": 6, "workers": 3}

    kept = second.reads
    await third.stop()
    assert await database.fetchval("SELECT count(*) FROM ingest.lease") == 4, "a clean stop gives back at once"
    await until(lambda: len(first.reads) == len(second.reads) == 3)
    assert kept < second.reads, "nobody lost what it had"

    await second.die()
    sent += deliver()
    assert await seconds_until(lambda: first.reads == set(NAMES)) < SECONDS * 2
    await until(lambda: len(broker.distinct()) == sent)

    events = [MailArrived.model_validate_json(record.value or b"") for record in broker.records]
    assert len(events) == len({event.event_id for event in events}) == sent, "none is lost and none comes twice"
    assert accounts.most == 1, "no mailbox had two readers at once"


async def test_a_process_that_is_started_again_has_its_mailboxes_at_once(live: Callable[[str], Life]) -> None:
    first = live("first")
    await until(lambda: first.reads == set(NAMES))
    await first.die()
    again = live("first")
    assert await seconds_until(lambda: again.reads == set(NAMES)) < SECONDS / 2


async def test_two_of_one_name_do_not_fight(live: Callable[[str], Life]) -> None:
    first = live("same")
    await until(lambda: first.reads == set(NAMES))
    second = live("same")
    await until(lambda: len(first.reads) == len(second.reads) == 3)
    assert first.reads | second.reads == set(NAMES)


async def test_who_was_asleep_records_nothing_and_moves_no_cursor(database: Database) -> None:
    feed, now = Feed("box0", "eml", "INBOX", "incoming"), SystemClock().now()
    await migrated(database)
    asleep, awake = Worker("asleep", "asleep/1"), Worker("awake", "awake/1")
    fences = Fences(asleep.id)
    ledger = Ledger(database, fences=fences)
    share = await Leases(database, asleep, 0.2).look(["box0"])
    fences.hold(share.held)
    await ledger.move_cursor(feed, "10", now)
    async with ledger.unit("box0", now):
        pass

    await asyncio.sleep(0.25)
    assert (await Leases(database, awake, 30).look(["box0"])).keep == {"box0"}
    with pytest.raises(LeaseLostError):
        async with ledger.unit("box0", now):
            pytest.fail("it may not record")
    await ledger.move_cursor(feed, "5", now)
    assert await ledger.cursor(feed) == "10"
    assert (await Leases(database, asleep, 30).look(["box0"])).held == {}


async def test_a_transaction_of_the_old_reader_ends_before_another_has_the_mailbox(database: Database) -> None:
    await migrated(database)
    fences = Fences("old/1")
    fences.hold((await Leases(database, Worker("old", "old/1"), 0.2).look(["box0", "box1"])).held)
    await asyncio.sleep(0.25)
    new = Leases(database, Worker("new", "new/1"), 30)
    async with Ledger(database, fences=fences).unit("box0", SystemClock().now()):
        assert (await new.look(["box0", "box1"])).keep == {"box1"}, "the others do not wait for it"
    assert (await new.look(["box0", "box1"])).keep == {"box0", "box1"}
