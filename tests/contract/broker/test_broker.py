"""What services may expect of a broker, checked on both."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from runtime.errors import PermanentError
from runtime.kafka import MAX_RECORD_BYTES, CompactedReader, Consumer, Outgoing, Producer, Received
from tests.contract.broker.conftest import Rig

PATIENCE = 30.0
_numbers = itertools.count()


@pytest.fixture
async def topic(rig: Rig) -> str:
    """A topic of its own, with 4 partitions on both."""
    return await made(rig, 4, {})


async def made(rig: Rig, partitions: int, config: dict[str, str]) -> str:
    """A new topic. The broker in memory makes topics on first use and knows no settings."""
    name = f"topic-{next(_numbers)}"
    if rig.name == "kafka":
        admin = AIOKafkaAdminClient(bootstrap_servers=rig.bootstrap)
        await admin.start()
        try:
            sizes = {"max.message.bytes": str(MAX_RECORD_BYTES)}
            await admin.create_topics([NewTopic(name, partitions, 1, topic_configs={**sizes, **config})])
        finally:
            await admin.close()
    return name


@pytest.fixture
async def producer(rig: Rig) -> AsyncIterator[Producer]:
    found = Producer(rig.bootstrap, "contract")
    await found.start()
    yield found
    await found.stop()


@asynccontextmanager
async def consuming(rig: Rig, group: str, topic: str) -> AsyncIterator[Consumer]:
    consumer = Consumer(rig.bootstrap, group, [topic])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def take(consumer: Consumer, enough: int) -> list[Received]:
    """At least that many records."""
    found: list[Received] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < enough:
            found += await consumer.poll(1_000, 0.5)
    return found


async def follow(reader: CompactedReader, holds: Callable[[Sequence[Received]], bool]) -> list[Received]:
    """What comes until it holds."""
    found: list[Received] = []
    async with asyncio.timeout(PATIENCE):
        while not holds(found):
            found += await reader.poll(0.2)
    return found


def numbered(topic: str, keys: int, count: int) -> list[Outgoing]:
    return [Outgoing(topic, b"key-%d" % (number % keys), b"%d" % number) for number in range(count)]


async def test_what_is_acknowledged_is_read_as_it_was_sent(rig: Rig, topic: str, producer: Producer) -> None:
    headers = [
        ("ce_type", b"maildesk.test"),
        ("traceparent", b"00-x"),
        ("empty", b""),
        ("twice", b"1"),
        ("twice", b"2"),
    ]
    await producer.send_all([Outgoing(topic, b"\x00key", "wörter".encode(), headers)])
    async with consuming(rig, rig.group(), topic) as consumer:
        (record,) = await take(consumer, 1)
    assert (record.topic, record.key, record.value) == (topic, b"\x00key", "wörter".encode())
    assert record.headers == tuple(headers)
    assert record.offset == 0
    assert record.timestamp_ms > 1_600_000_000_000


async def test_a_key_has_one_partition_and_keeps_its_order(rig: Rig, topic: str, producer: Producer) -> None:
    await producer.send_all(numbered(topic, 10, 500))
    async with consuming(rig, rig.group(), topic) as consumer:
        found = await take(consumer, 500)
    assert len(found) == 500
    partitions = {key: {record.partition for record in found if record.key == key} for key in {r.key for r in found}}
    assert all(len(each) == 1 for each in partitions.values())
    assert len(set().union(*partitions.values())) > 1, "keys are spread"
    for key in partitions:
        values = [int(record.value or b"") for record in found if record.key == key]
        assert values == sorted(values)


async def test_both_put_a_key_into_the_same_partition(memory_rig: Rig, kafka_rig: Rig) -> None:
    places = []
    for each in (memory_rig, kafka_rig):
        topic = await made(each, 4, {})
        sender = Producer(each.bootstrap, "contract")
        await sender.start()
        await sender.send_all(numbered(topic, 20, 20))
        await sender.stop()
        async with consuming(each, each.group(), topic) as consumer:
            places.append({record.key: record.partition for record in await take(consumer, 20)})
    assert places[0] == places[1]


async def test_a_partition_can_be_chosen(rig: Rig, topic: str, producer: Producer) -> None:
    await producer.send_all([Outgoing(topic, b"same", b"%d" % number, partition=number) for number in range(4)])
    async with consuming(rig, rig.group(), topic) as consumer:
        found = await take(consumer, 4)
    assert {record.partition: record.value for record in found} == {number: b"%d" % number for number in range(4)}


async def test_a_group_goes_on_where_it_committed(rig: Rig, topic: str, producer: Producer) -> None:
    group = rig.group()
    await producer.send_all(numbered(topic, 4, 10))
    async with consuming(rig, group, topic) as consumer:
        assert len(await take(consumer, 10)) == 10
        assert await consumer.commit()
    await producer.send_all([Outgoing(topic, b"key-0", b"next")])
    async with consuming(rig, group, topic) as consumer:
        assert [record.value for record in await take(consumer, 1)] == [b"next"]


async def test_what_was_not_committed_comes_again(rig: Rig, topic: str, producer: Producer) -> None:
    group = rig.group()
    await producer.send_all(numbered(topic, 4, 10))
    for _ in range(2):
        async with consuming(rig, group, topic) as consumer:
            assert sorted(int(record.value or b"") for record in await take(consumer, 10)) == list(range(10))


async def test_groups_do_not_know_of_each_other(rig: Rig, topic: str, producer: Producer) -> None:
    await producer.send_all(numbered(topic, 4, 5))
    async with consuming(rig, rig.group(), topic) as one:
        assert len(await take(one, 5)) == 5
        assert await one.commit()
    async with consuming(rig, rig.group(), topic) as other:
        assert len(await take(other, 5)) == 5


async def test_a_paused_consumer_gets_nothing_and_resumes(rig: Rig, topic: str, producer: Producer) -> None:
    async with consuming(rig, rig.group(), topic) as consumer:
        await producer.send_all(numbered(topic, 1, 1))
        await take(consumer, 1)
        consumer.pause()
        await producer.send_all(numbered(topic, 1, 1))
        assert await consumer.poll(10, 1.0) == []
        consumer.resume()
        assert len(await take(consumer, 1)) == 1


async def test_what_is_behind_counts_up_to_the_commit_and_while_paused(
    rig: Rig, topic: str, producer: Producer
) -> None:
    def records(lanes: dict[tuple[str, int], tuple[int, int]]) -> int:
        assert all(name == topic for name, _ in lanes)
        return sum(end - done for done, end in lanes.values())

    await producer.send_all(numbered(topic, 4, 7))
    async with consuming(rig, rig.group(), topic) as consumer:
        await take(consumer, 7)
        assert records(await consumer.behind()) == 7
        assert await consumer.commit()
        assert records(await consumer.behind()) == 0
        consumer.pause()
        await producer.send_all(numbered(topic, 4, 3))
        assert records(await consumer.behind()) == 3


async def test_a_mark_commits_what_was_read_by_then(rig: Rig, topic: str, producer: Producer) -> None:
    group = rig.group()
    await producer.send_all(numbered(topic, 1, 3))
    async with consuming(rig, group, topic) as consumer:
        await take(consumer, 3)
        mark = consumer.mark()
        await producer.send_all([Outgoing(topic, b"key-0", b"later")])
        await take(consumer, 1)
        assert await consumer.commit(mark)
        assert sum(end - done for done, end in (await consumer.behind()).values()) == 1
    async with consuming(rig, group, topic) as consumer:
        assert [record.value for record in await take(consumer, 1)] == [b"later"]
        assert await consumer.commit()
        assert sum(end - done for done, end in (await consumer.behind()).values()) == 0
        assert await consumer.commit({}), "nothing to commit is no failure"


async def test_a_reader_has_everything_at_its_start_and_then_follows(rig: Rig, topic: str, producer: Producer) -> None:
    await producer.send_all(numbered(topic, 3, 30))
    reader = CompactedReader(rig.bootstrap, topic, "contract")
    try:
        assert sorted(int(record.value or b"") for record in await reader.start()) == list(range(30))
        await producer.send_all([Outgoing(topic, b"key-1", b"new"), Outgoing(topic, b"key-1", None)])
        found = await follow(reader, lambda records: len(records) == 2)
        assert [record.value for record in found] == [b"new", None], "a tombstone is a record without a value"
    finally:
        await reader.stop()


async def test_a_reader_of_an_empty_topic_starts_at_once(rig: Rig, topic: str, producer: Producer) -> None:
    await producer.send_all([Outgoing(topic, b"k", b"only", partition=0)])
    reader = CompactedReader(rig.bootstrap, topic, "contract")
    try:
        async with asyncio.timeout(10):
            assert [record.value for record in await reader.start()] == [b"only"]
    finally:
        await reader.stop()


@pytest.mark.parametrize("size", [256 * 1024, 1024 * 1024, MAX_RECORD_BYTES - 1024])
async def test_records_up_to_the_limit_pass(rig: Rig, topic: str, producer: Producer, size: int) -> None:
    if size > 4 * 1024 * 1024:
        rig.needs("room for 6 MB in a partition")
    value = b"x" * size
    await producer.send_all([Outgoing(topic, b"big", value), Outgoing(topic, b"big", b"small")])
    async with consuming(rig, rig.group(), topic) as consumer:
        found = await take(consumer, 2)
    assert [record.value for record in found] == [value, b"small"]


async def test_a_record_above_the_limit_is_refused_for_good(topic: str, producer: Producer) -> None:
    with pytest.raises(PermanentError) as caught:
        await producer.send_all([Outgoing(topic, b"big", b"x" * (MAX_RECORD_BYTES + 1))])
    assert caught.value.code == "record-too-large"
    await producer.send_all([Outgoing(topic, b"small", b"goes on")])


async def test_members_of_a_group_share_the_partitions(rig: Rig, topic: str, producer: Producer) -> None:
    rig.needs("second group member")
    group = rig.group()
    async with consuming(rig, group, topic) as one, consuming(rig, group, topic) as other:
        async with asyncio.timeout(PATIENCE):
            seen: list[set[int]] = [set(), set()]
            while not all(seen):
                await producer.send_all(numbered(topic, 40, 40))
                for number, consumer in enumerate((one, other)):
                    seen[number] |= {record.partition for record in await consumer.poll(1_000, 0.2)}


async def test_compaction_keeps_the_last_of_a_key(rig: Rig, producer: Producer) -> None:
    rig.needs("compaction")
    config = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "200",
    }
    topic = await made(rig, 1, config)
    sent = 0
    async with asyncio.timeout(90):
        while True:
            await producer.send_all(numbered(topic, 2, 20))
            sent += 20
            kept = await whole(rig, topic)
            assert {record.key: record.value for record in kept} == {b"key-0": b"18", b"key-1": b"19"}
            if len(kept) < sent:
                return
            await asyncio.sleep(0.5)


async def whole(rig: Rig, topic: str) -> list[Received]:
    reader = CompactedReader(rig.bootstrap, topic, "contract")
    try:
        return await reader.start()
    finally:
        await reader.stop()
