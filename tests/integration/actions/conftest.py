"""Houses: one for a module whose tests keep out of each other's way, and one of a test's own."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kafka import KafkaServer
from sandbox.kafka_jars import missing_tools
from sandbox.topics import create_topics
from tests.integration.actions.house import House, make_database

_numbers = itertools.count()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[House]:
    """Its worker serves all tests of the module."""
    if missing := missing_tools():
        pytest.skip(f"real Kafka needs {' and '.join(missing)}: apt-get install default-jre-headless maven")
    home = tmp_path_factory.mktemp("actions")
    server = KafkaServer(home / "kafka")
    try:
        server.start()
        asyncio.run(create_topics(server.bootstrap))
        name = f"maildesk_actions_{os.getpid()}_{next(_numbers)}"
        house = House(home, server.bootstrap, asyncio.run(make_database(postgres_server, name)))
        yield house
        house.close()
    finally:
        server.stop()


@pytest.fixture
def house(tmp_path: Path, kafka: str, database_dsn: str) -> Iterator[House]:
    """Nothing runs in it yet."""
    found = House(tmp_path, kafka, database_dsn)
    yield found
    found.close()
