"""Workers of the audit service on a real broker and a real Postgres."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from runtime.kafka import Producer
from tests.integration.audit.process import AuditProcess

Workers = Callable[..., AuditProcess]


@pytest.fixture
def workers(tmp_path: Path, kafka: str, database_dsn: str) -> Iterator[Workers]:
    """Make a worker, not started yet; what still runs at the end is killed."""
    made: list[AuditProcess] = []

    def make(**settings: str) -> AuditProcess:
        made.append(AuditProcess(tmp_path / f"audit-{len(made)}", kafka, database_dsn, **settings))
        return made[-1]

    yield make
    for process in made:
        if process.child is not None and process.child.poll() is None:
            process.kill()


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[Producer]:
    """Publishes to the broker."""
    producer = Producer(kafka, client_id="tests")
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
def embedded_broker() -> Iterator[str]:
    """librdkafka's broker, in this process."""
    admin = AdminClient({"bootstrap.servers": "", "test.mock.num.brokers": 1, "log_level": 0})
    yield next(f"{broker.host}:{broker.port}" for broker in admin.list_topics(timeout=10).brokers.values())
    del admin
