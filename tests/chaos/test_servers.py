"""Kafka and Postgres die in mid-run and come back: services wait, say for what, and go on to the same end."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.postgres import Database
from sandbox.kafka import KafkaServer
from sandbox.postgres import PostgresServer
from tests.chaos.conftest import Calm
from tests.chaos.killing import PROGRESS
from tests.chaos.runs import Scene, make_scene
from tests.e2e.desk import SERVICES, Desk, Up, not_ready

AWAY_SECONDS = 8.0


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of the test's own, which it may kill."""
    server = PostgresServer(tmp_path_factory.mktemp("own-postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shaken(tmp_path: Path, postgres: PostgresServer, kafka_server: KafkaServer) -> Scene:
    """The same mails as in the calm run, on servers that will die."""
    return make_scene(tmp_path, Desk(tmp_path / "state", postgres.dsn, kafka_server.bootstrap))


def _progress(desk: Desk) -> tuple[int, int]:
    """Decisions and rows of the log."""

    async def look(database: Database) -> tuple[int, int]:
        if await database.fetchval("SELECT to_regclass('audit.execution') IS NULL"):
            return 0, 0
        row = await database.fetchrow(PROGRESS)
        assert row is not None
        return int(row["decisions"]), int(row["rows"])

    return desk.query(look)


def _watch(running: Up, seconds: float) -> dict[str, set[str]]:
    """All that services named as missing in that time."""
    named: dict[str, set[str]] = {service: set() for service in SERVICES}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for service in SERVICES:
            named[service] |= not_ready(running.get(service, "/readyz"))
        time.sleep(0.2)
    return named


def _waiting_lines(desk: Desk, service: str) -> list[dict[str, object]]:
    entries = [json.loads(line) for line in desk.logs()[service].splitlines() if line.startswith("{")]
    return [entry for entry in entries if str(entry["message"]).startswith("waiting for")]


def _away(running: Up, die: Callable[[], None], come_back: Callable[[], None]) -> dict[str, set[str]]:
    die()
    named = _watch(running, AWAY_SECONDS)
    come_back()
    return named


@pytest.mark.timeout(600)
def test_kafka_and_postgres_die_and_come_back(
    shaken: Scene, calm: Calm, kafka_server: KafkaServer, postgres: PostgresServer
) -> None:
    desk = shaken.desk
    with desk.started(*shaken.arguments, "--exit-when-idle", "--json") as running:
        running.wait(lambda: _progress(desk)[0] > 200, "first decisions", 120)
        without_kafka = _away(running, kafka_server.kill, kafka_server.start)
        at_kafka = _progress(desk)
        running.wait(lambda: _progress(desk)[1] > at_kafka[1] + 200, "goes on after Kafka", 120)
        assert _progress(desk)[1] < calm.totals["rows"], "it was over already"
        without_postgres = _away(running, postgres.kill, postgres.start)
        summary = running.result(240)
    assert shaken.outcome().differences(calm.outcome) == {}
    assert summary["unexpected_failures"] == 0
    assert any("kafka" in names for names in without_kafka.values()), without_kafka
    assert "postgres" in without_postgres["actions"], without_postgres
    tries = [entry["try"] for service in SERVICES for entry in _waiting_lines(desk, service)]
    assert tries, "one line a try"
    assert max(len(_waiting_lines(desk, service)) for service in SERVICES) < 200, "no flood"
