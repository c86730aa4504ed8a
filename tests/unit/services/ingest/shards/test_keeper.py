"""What a worker does when its leases cannot be kept, or somebody else is to read its mailboxes."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

import pytest

from runtime.backoff import Backoff
from runtime.errors import TransientError
from runtime.health import Health
from runtime.service import Process
from schemas.mailbox import EmlSource, Mailbox
from services.ingest.shards.fences import Fences
from services.ingest.shards.keeper import Keeper
from services.ingest.shards.leases import Share
from services.ingest.status import StatusBoard

SECONDS = 0.6
BOXES = {name: Mailbox(id=name, source=EmlSource(kind="eml", path="/mail")) for name in ("a", "b")}


class Told:
    """Leases that answer what they are told to, and readers that note what they were asked for."""

    def __init__(self) -> None:
        self.share = Share({"a": 1, "b": 2}, frozenset(), 1)
        self.away = False
        self.hangs = False
        self.steps: list[tuple[str, tuple[str, ...]]] = []

    async def look(self, readable: Collection[str]) -> Share:
        assert set(readable) <= BOXES.keys()
        if self.away:
            raise TransientError("Postgres: away", code="postgres-down")
        if self.hangs:
            await asyncio.sleep(3600)
        return self.share

    async def release(self, mailboxes: Sequence[str]) -> None:
        self.steps.append(("release", tuple(mailboxes)))

    async def leave(self) -> None:
        raise TransientError("Postgres: away", code="postgres-down")

    async def apply(self, wanted: Mapping[str, Mailbox], fences: Mapping[str, int]) -> None:
        assert wanted.keys() <= fences.keys()
        self.steps.append(("read", tuple(wanted)))


class Desk:
    def __init__(self) -> None:
        self.told = Told()
        self.process = Process("ingest", health=Health(), backoff=Backoff(first=0.02, longest=0.05))
        self.fences = Fences("me/1")
        board = StatusBoard(self.process.health)
        self.keeper = Keeper(self.told, self.told, self.fences, board, SECONDS)
        self.keeper.want(7, BOXES)

    async def until_reads(self, *names: str) -> float:
        return await self.until(("read", names))

    async def until(self, step: tuple[str, tuple[str, ...]]) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(10):
            while self.told.steps[-1:] != [step]:  # noqa: ASYNC110 - a list sets no event
                await asyncio.sleep(0.005)
        return loop.time() - began


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    found = Desk()
    task = asyncio.create_task(found.keeper.follow(found.process))
    await found.until_reads("a", "b")
    yield found
    found.process.stopping.set()
    await asyncio.wait_for(task, 5)


async def test_it_reads_what_it_holds_and_says_so(desk: Desk) -> None:
    assert [desk.keeper.reads(name) for name in ("a", "b", "c")] == [True, True, False]
    assert [desk.fences.of(name) for name in ("b", "c")] == [("me/1", 2), ("me/1", -1)]
    await asyncio.sleep(0)
    assert desk.process.health.facts["share"] == {"holds": 2, "mailboxes": 2, "workers": 1}
    assert desk.process.health.facts["ruleset_version"] == 7
    assert desk.process.health.ready


async def test_what_others_are_to_read_is_stopped_before_it_is_released(desk: Desk) -> None:
    desk.told.share = Share({"a": 1, "b": 2}, frozenset({"b"}), 2)
    await desk.until(("release", ("b",)))
    assert desk.told.steps[-2:] == [("read", ("a",)), ("release", ("b",))]
    await asyncio.sleep(0)
    assert desk.fences.of("b") == ("me/1", -1)


@pytest.mark.parametrize("fault", ["away", "hangs"])
async def test_without_a_look_in_time_the_reading_ends_before_the_leases_do(desk: Desk, fault: str) -> None:
    setattr(desk.told, fault, True)
    assert SECONDS / 6 < await desk.until_reads() < SECONDS
    assert not desk.keeper.reads("a")
    assert desk.fences.of("a") == ("me/1", -1)
    assert not desk.process.health.ready
    setattr(desk.told, fault, False)
    await desk.until_reads("a", "b")
    await asyncio.sleep(0)
    assert desk.process.health.ready


async def test_one_failed_look_changes_nothing(desk: Desk) -> None:
    steps = len(desk.told.steps)
    desk.told.away = True
    await asyncio.sleep(SECONDS / 6 + 0.03)
    desk.told.away = False
    await asyncio.sleep(SECONDS / 6)
    assert set(desk.told.steps[steps:]) <= {("read", ("a", "b"))}


async def test_new_rules_are_looked_at_at_once(desk: Desk) -> None:
    desk.told.share = Share({"a": 1}, frozenset(), 1)
    desk.keeper.want(8, {"a": BOXES["a"]})
    assert await desk.until_reads("a") < SECONDS / 6
    await asyncio.sleep(0)
    assert desk.process.health.facts["ruleset_version"] == 8


async def test_leaving_never_fails() -> None:
    await Desk().keeper.leave()
