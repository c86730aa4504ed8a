"""Real servers for the tests, each started once when the first test asks for it."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import pytest

from runtime.postgres import Database, connect
from sandbox.kafka import KafkaServer
from sandbox.kafka_jars import missing_tools
from sandbox.postgres import PostgresServer, given_dsn
from sandbox.topics import create_topics

_numbers = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the full counts of the acceptance lists")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--soak"):
        return
    skip = pytest.mark.skip(reason="a full count; run `make soak`")
    for item in items:
        if "soak" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URI of a Postgres server: the one of PGHOST, else an embedded one.

    Not below pytest's own folder: another pytest that starts takes the rights of that away from Postgres's user.
    """
    if given := given_dsn():
        yield given
        return
    with TemporaryDirectory(prefix="maildesk-postgres-", ignore_cleanup_errors=True) as home:
        server = PostgresServer(Path(home))
        server.start()
        yield server.dsn
        server.stop()


@pytest.fixture
async def database_dsn(postgres_server: str) -> AsyncIterator[str]:
    """The URI of an empty database of its own."""
    name = f"maildesk_test_{os.getpid()}_{next(_numbers)}"
    admin = await connect(postgres_server, name="tests", pool_size=1)
    await admin.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(postgres_server)
    yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A pool on that database, nothing migrated."""
    pool = await connect(database_dsn, name="tests")
    yield pool
    await pool.close()


@pytest.fixture
def kafka_server(tmp_path: Path) -> Iterator[KafkaServer]:
    """A real broker of the test's own, with all topics, that it may stop, start and kill."""
    if missing := missing_tools():
        pytest.skip(f"real Kafka needs {' and '.join(missing)}: apt-get install default-jre-headless maven")
    server = KafkaServer(tmp_path / "kafka")
    server.start()
    asyncio.run(create_topics(server.bootstrap))
    yield server
    server.stop()


@pytest.fixture
def kafka(kafka_server: KafkaServer) -> str:
    """HOST:PORT of that broker."""
    return kafka_server.bootstrap
