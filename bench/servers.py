"""Real servers for one benchmark, in a folder that is gone afterwards."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.child import start_child, stop_child
from sandbox.kafka import KafkaServer
from sandbox.ports import free_ports, is_free
from sandbox.postgres import PostgresServer
from sandbox.topics import create_topics

READY_SECONDS = 30.0
STOP_SECONDS = 10.0


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder."""
    with TemporaryDirectory(prefix="maildesk-bench-", ignore_cleanup_errors=True) as home:
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


@contextmanager
def postgres(home: Path) -> Iterator[str]:
    """The URI of an empty database of a Postgres with its own settings, `synchronous_commit` among them."""
    server = PostgresServer(home / "postgres")
    server.start()
    try:
        yield server.dsn
    finally:
        server.stop()


@contextmanager
def slow_odoo(home: Path, seconds: float) -> Iterator[str]:
    """The URL of the Odoo stand-in in a process of its own; it takes that long for every answer."""
    (port,), log = free_ports(1), home / "odoo.log"
    process = start_child([sys.executable, "-m", "bench.slow_odoo", str(port), str(seconds)], log=log)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while is_free(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the Odoo stand-in did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_child(process, STOP_SECONDS)
