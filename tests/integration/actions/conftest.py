"""Houses: one for a module whose tests keep out of each other's way, and one of a test's own."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kafka import KafkaServer
from sandbox.kafka_jars import missing_tools
from sandbox.topics import create_topics
from tests.integration.actions.house import House, make_database


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[House]:
    """Its worker serves all tests of the module."""
    if missing := missing_tools():
        pytest.skip(f"real Kafka needs {' and '.join(missing)}: apt-get install default-jre-headless maven")
    home = tmp_path_factory.mktemp("actions")
    server = KafkaServer(home / "kafka")
    server.start()
    asyncio.run(create_topics(server.bootstrap))
    dsn = asyncio.run(make_database(postgres_server, f"maildesk_actions_{os.getpid()}"))
    house = House(home, server.bootstrap, dsn)
    yield house
    house.close()
    server.stop()


@pytest.fixture
def house(tmp_path: Path, kafka: str, database_dsn: str) -> Iterator[House]:
    """Nothing runs in it yet."""
    found = House(tmp_path, kafka, database_dsn)
    yield found
    found.close()
