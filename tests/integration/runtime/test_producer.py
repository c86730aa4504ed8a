"""Batches built by hand keep what single sends promise: order, the partition of a key, all or an error."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from runtime.errors import MaildeskError, PermanentError
from runtime.kafka import MAX_RECORD_BYTES, CompactedReader, Outgoing, Producer, Received
from sandbox.kafka import KafkaServer
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS, MAIL_ARRIVED, MAIL_SENT

TOPICS = (MAIL_ARRIVED.name, AUTOMATION_DECISIONS.name)


async def everything(bootstrap: str, topic: str) -> list[Received]:
    reader = CompactedReader(bootstrap, topic, "tests")
    try:
        return await reader.start()
    finally:
        await reader.stop()


async def test_many_records_of_all_sizes_arrive_in_order(kafka: str) -> None:
    records = [
        Outgoing(TOPICS[n % 2], f"k{n % 7}".encode(), b"x" * (n * 37 % 5_000), [("number", str(n).encode())])
        for n in range(3_000)
    ]
    records.insert(1_500, Outgoing(TOPICS[0], b"k3", b"y" * 1_000_000, [("number", b"1500.5")]))
    records.append(Outgoing(MAIL_SENT.name, b"gone", None, partition=4))
    producer = Producer(kafka, "tests")
    await producer.start()
    try:
        await producer.send_all(records)
        await producer.send_all([])
    finally:
        await producer.stop()
    found = {topic: await everything(kafka, topic) for topic in (*TOPICS, MAIL_SENT.name)}
    for topic in TOPICS:
        for key in {record.key for record in records}:
            sent = [(each.value, each.headers) for each in records if (each.topic, each.key) == (topic, key)]
            got = [(each.value, list(each.headers)) for each in found[topic] if each.key == key]
            assert got == sent
    (tombstone,) = found[MAIL_SENT.name]
    assert (tombstone.key, tombstone.value, tombstone.partition) == (b"gone", None, 4)


async def test_a_key_has_the_partition_that_every_client_gives_it(kafka: str) -> None:
    keys = [f"support/{n}".encode() for n in range(200)]
    ours = Producer(kafka, "tests")
    theirs = AIOKafkaProducer(bootstrap_servers=kafka)
    await ours.start()
    await theirs.start()
    try:
        await ours.send_all([Outgoing(AUTOMATION_RESULTS.name, key, b"ours") for key in keys])
        await asyncio.gather(*[await theirs.send(AUTOMATION_RESULTS.name, b"theirs", key) for key in keys])
    finally:
        await ours.stop()
        await theirs.stop()
    found = await everything(kafka, AUTOMATION_RESULTS.name)
    places = {(each.key, each.partition) for each in found}
    assert (len(found), len(places)) == (400, 200)


async def test_a_record_that_is_too_large_is_refused_before_anything_is_sent(kafka: str) -> None:
    producer = Producer(kafka, "tests")
    await producer.start()
    try:
        small = Outgoing(MAIL_ARRIVED.name, b"k", b"small")
        for large in (
            Outgoing(MAIL_ARRIVED.name, b"k", b"x" * MAX_RECORD_BYTES),
            Outgoing(MAIL_ARRIVED.name, b"k", b"x", [("h", b"x" * MAX_RECORD_BYTES)]),
        ):
            with pytest.raises(PermanentError) as caught:
                await producer.send_all([small, large])
            assert caught.value.code == "record-too-large"
        await producer.send_all([small, Outgoing(MAIL_ARRIVED.name, b"k", b"x" * (MAX_RECORD_BYTES - 1_000))])
    finally:
        await producer.stop()
    assert [len(each.value or b"") for each in await everything(kafka, MAIL_ARRIVED.name)] == [
        5,
        MAX_RECORD_BYTES - 1_000,
    ]


async def test_a_broker_that_restarts_is_waited_for(kafka: str, kafka_server: KafkaServer) -> None:
    producer = Producer(kafka, "tests")
    await producer.start()
    try:
        await producer.send_all([Outgoing(MAIL_ARRIVED.name, b"k", b"before")])
        kafka_server.kill()
        sending = asyncio.create_task(producer.send_all([Outgoing(MAIL_ARRIVED.name, b"k", b"after")]))
        await asyncio.sleep(0.5)
        kafka_server.start()
        await sending
    finally:
        await producer.stop()
    values = [each.value for each in await everything(kafka, MAIL_ARRIVED.name)]
    assert values[0] == b"before"
    assert set(values[1:]) == {b"after"}


async def make_narrow_topic(kafka: str) -> None:
    """One whose broker refuses what our own check lets pass."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic("narrow", 1, 1, topic_configs={"max.message.bytes": "1000"})])
    finally:
        await admin.close()


async def test_a_batch_that_is_given_up_holds_up_no_later_one(kafka: str) -> None:
    await make_narrow_topic(kafka)
    producer = Producer(kafka, "tests")
    await producer.start()
    try:
        await producer.send_all([Outgoing("narrow", b"k", b"before")])
        for size in (5_000, 6_000):
            sending = [producer.send_all([Outgoing("narrow", b"k", b"x" * size)]) for _ in range(3)]
            for refused in await asyncio.gather(*sending, return_exceptions=True):
                assert isinstance(refused, MaildeskError)
            await producer.send_all([Outgoing("narrow", b"k", b"after %d" % size), Outgoing(MAIL_SENT.name, b"k", b"")])
    finally:
        await producer.stop()
    assert [each.value for each in await everything(kafka, "narrow")] == [b"before", b"after 5000", b"after 6000"]
