"""Reading what is on topics now, on both brokers and on the fake."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import pytest

from runtime.kafka import Outgoing, Producer
from runtime.kafka_scan import PORTION, Scan, TopicScan
from runtime.memory_topics import MemoryScan, MemoryTopics
from tests.contract.broker.conftest import Rig
from tests.contract.broker.test_broker import made, numbered

_numbers = itertools.count()


class Sender(Protocol):
    async def send_all(self, records: list[Outgoing]) -> None: ...


@dataclass
class Bench:
    """Somewhere to publish, and scans of it."""

    sender: Sender
    scan: Callable[..., Scan]
    rig: Rig | None

    async def topic(self) -> str:
        return f"topic-{next(_numbers)}" if self.rig is None else await made(self.rig, 4, {})


@pytest.fixture(params=["fake", "memory", "kafka"])
def broker(request: pytest.FixtureRequest) -> Rig | None:
    found: Rig | None = None if request.param == "fake" else request.getfixturevalue(f"{request.param}_rig")
    return found


@pytest.fixture
async def bench(broker: Rig | None) -> AsyncIterator[Bench]:
    if broker is None:
        topics = MemoryTopics(4)
        yield Bench(topics, lambda *names: MemoryScan(topics, names), None)
        return
    producer = Producer(broker.bootstrap, "contract")
    await producer.start()
    yield Bench(producer, lambda *names: TopicScan(broker.bootstrap, names, "contract"), broker)
    await producer.stop()


async def whole(scan: Scan) -> list[tuple[str, int]]:
    """Topic and value of everything."""
    try:
        async with asyncio.timeout(60):
            spans = await scan.start()
            return [(r.topic, int(r.value or b"")) async for portion in scan.read(spans) for r in portion]
    finally:
        await scan.stop()


async def test_it_reads_what_is_there_and_ends(bench: Bench) -> None:
    one, other = await bench.topic(), await bench.topic()
    await bench.sender.send_all([*numbered(one, 40, PORTION * 3), *numbered(other, 1, 1)])
    found = await whole(bench.scan(one, other, "topic-that-nobody-made"))
    assert sorted(found) == sorted([*((one, n) for n in range(PORTION * 3)), (other, 0)])


async def test_a_topic_that_is_missing_is_empty_and_stays_missing(bench: Bench) -> None:
    for _ in range(2):
        assert await whole(bench.scan("topic-that-nobody-made")) == []


async def test_what_comes_later_is_not_read(bench: Bench) -> None:
    topic = await bench.topic()
    await bench.sender.send_all(numbered(topic, 4, 20))
    scan = bench.scan(topic)
    try:
        spans = await scan.start()
        await bench.sender.send_all(numbered(topic, 4, 20))
        found = [record async for portion in scan.read(spans) for record in portion]
    finally:
        await scan.stop()
    assert sorted(int(record.value or b"") for record in found) == list(range(20))


async def test_some_are_read_again_from_where_they_are(bench: Bench) -> None:
    topic = await bench.topic()
    await bench.sender.send_all([Outgoing(topic, b"k", b"%d" % n, [("h", b"v")], partition=n % 2) for n in range(20)])
    scan = bench.scan(topic)
    try:
        assert await scan.start() == {(topic, 0): (0, 10), (topic, 1): (0, 10)}
        for _ in range(2):
            found = [r async for portion in scan.read({(topic, 1): (3, 5)}) for r in portion]
            assert [(r.partition, r.offset, r.value, r.headers) for r in found] == [
                (1, 3, b"7", (("h", b"v"),)),
                (1, 4, b"9", (("h", b"v"),)),
            ]
    finally:
        await scan.stop()


async def test_what_is_not_older_than_a_moment_is_found_by_its_time(bench: Bench) -> None:
    topic = await bench.topic()
    scan = bench.scan(topic)
    for portion in range(2):
        await bench.sender.send_all([Outgoing(topic, b"k", b"%d" % n, partition=n % 2) for n in range(6)])
        await asyncio.sleep(0.05 * (1 - portion))
    try:
        spans = await scan.start()
        times = {(r.partition, r.offset): r.timestamp_ms async for portion in scan.read(spans) for r in portion}
        second = min(times[0, 3], times[1, 3])
        moment = datetime.fromtimestamp(second / 1000, UTC)
        found = await scan.since(spans, moment)
        if bench.rig is not None and "index of times" in bench.rig.lacks:
            assert found is None
            return
        assert found == {(topic, 0): 3, (topic, 1): 3}
        assert await scan.since(spans, datetime.fromtimestamp(0, UTC)) == {(topic, 0): 0, (topic, 1): 0}
        assert await scan.since(spans, datetime.fromtimestamp(second / 1000 + 3_600, UTC)) == {}
        assert await scan.since([], moment) == {}
    finally:
        await scan.stop()
