"""/readyz follows what the service stands on, also while nothing is published."""

import asyncio
import json

from runtime.kafka import Producer
from runtime.postgres import Database
from sandbox.kafka import KafkaServer
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import complete, until
from tests.integration.audit.process import AuditProcess
from tests.integration.audit.samples import traffic


async def kafka_is(worker: AuditProcess, *, ready: bool) -> bool:
    try:
        report = json.loads(await asyncio.to_thread(worker.get, "/status"))
    except OSError:
        return False
    return bool(report["components"]["kafka"]["ready"] is ready)


async def test_a_broker_that_goes_and_comes_back(
    workers: Workers, kafka_server: KafkaServer, database: Database
) -> None:
    worker = workers()
    worker.start()
    await worker.ready()
    kafka_server.kill()
    await until(lambda: kafka_is(worker, ready=False))
    await asyncio.to_thread(kafka_server.start)
    producer = Producer(kafka_server.bootstrap, client_id="tests")
    await producer.start()
    await producer.send_all(list(traffic(50)))
    await producer.stop()
    await until(lambda: complete(database, 50))
    await until(lambda: kafka_is(worker, ready=True))
    assert await worker.stop() == 0
