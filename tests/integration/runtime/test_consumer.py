"""Offsets on a real broker: what was not committed is committed by the next try."""

import pytest

from runtime.errors import TargetDownError
from runtime.kafka import Consumer, Outgoing, Producer
from sandbox.kafka import KafkaServer
from schemas.topics import MAIL_ARRIVED


async def publish(kafka: str, value: bytes) -> None:
    producer = Producer(kafka, "tests")
    await producer.start()
    try:
        await producer.send_all([Outgoing(MAIL_ARRIVED.name, b"k", value)])
    finally:
        await producer.stop()


async def first_seen(kafka: str) -> bytes | None:
    """What a new member of the group is given first."""
    consumer = Consumer(kafka, "tests", [MAIL_ARRIVED.name])
    await consumer.start()
    try:
        return next(record.value for record in await consumer.poll(1, 30.0))
    finally:
        await consumer.stop()


@pytest.mark.timeout(120)
async def test_a_commit_that_failed_can_be_repeated(kafka: str, kafka_server: KafkaServer) -> None:
    await publish(kafka, b"handled")
    consumer = Consumer(kafka, "tests", [MAIL_ARRIVED.name])
    await consumer.start()
    try:
        assert [record.value for record in await consumer.poll(1, 30.0)] == [b"handled"]
        kafka_server.kill()
        with pytest.raises(TargetDownError):
            await consumer.commit()
        kafka_server.start()
        assert await consumer.commit()
    finally:
        await consumer.stop()
    await publish(kafka, b"new")
    assert await first_seen(kafka) == b"new"
