"""The embedded servers start, keep what they were given, and come back after a crash."""

from runtime.kafka import Consumer, Outgoing, Producer
from runtime.postgres import Database
from sandbox.kafka import KafkaServer
from schemas.topics import MAIL_ARRIVED


async def test_a_fresh_database_answers(database: Database) -> None:
    assert await database.fetchval("SELECT 1") == 1


async def test_kafka_keeps_an_acknowledged_record_over_a_crash(kafka_server: KafkaServer) -> None:
    producer = Producer(kafka_server.bootstrap, "test")
    await producer.start()
    await producer.send_all([Outgoing(MAIL_ARRIVED.name, b"k", b"v")])
    await producer.stop()
    kafka_server.kill()
    kafka_server.start()
    consumer = Consumer(kafka_server.bootstrap, "test", [MAIL_ARRIVED.name])
    await consumer.start()
    try:
        records = []
        for _ in range(20):
            records += await consumer.poll(10, 1.0)
            if records:
                break
        assert [(record.key, record.value) for record in records] == [(b"k", b"v")]
        assert await consumer.commit()
    finally:
        await consumer.stop()
