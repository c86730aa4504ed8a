"""A real broker for one benchmark, in a folder that is gone afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.kafka import KafkaServer
from sandbox.topics import create_topics


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder."""
    with TemporaryDirectory(prefix="maildesk-bench-") as home:
        yield Path(home)


@contextmanager
def kafka(home: Path) -> Iterator[str]:
    """HOST:PORT of Apache Kafka with all topics."""
    server = KafkaServer(home / "kafka")
    server.start()
    try:
        asyncio.run(create_topics(server.bootstrap))
        yield server.bootstrap
    finally:
        server.stop()
