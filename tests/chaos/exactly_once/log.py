"""Topics as a table of the test's own database, with the methods of our Kafka clients that a worker uses.

A topic of the real broker would be shared by all the workers that run at once here, and its groups wait ten seconds
for a member that was killed. Kills around the real one: tests/chaos/test_kills.py, tests/integration/actions.
"""

import asyncio
import json
import time
from collections.abc import Sequence

from runtime.kafka import Lane, Mark, Outgoing, Received
from runtime.postgres import Database, Row

SCHEMA = """
CREATE SCHEMA log;
CREATE TABLE log.record (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL, key bytea NOT NULL, value bytea, headers jsonb NOT NULL
);
CREATE TABLE log.position (topic text PRIMARY KEY, number bigint NOT NULL);
"""
_APPEND = """
INSERT INTO log.record (topic, key, value, headers)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::jsonb[])
"""
_READ = "SELECT * FROM log.record WHERE topic = $1 AND number > $2 ORDER BY number LIMIT $3"
_POSITION = "SELECT coalesce(max(number), 0) FROM log.position WHERE topic = $1"
_COMMIT = """
INSERT INTO log.position (topic, number) VALUES ($1, $2) ON CONFLICT (topic) DO UPDATE SET number = excluded.number
"""
EMPTY_SECONDS = 0.1


async def publish(database: Database, records: Sequence[Outgoing]) -> None:
    """All or none."""
    rows = [
        (each.topic, each.key, each.value, json.dumps([[name, value.decode()] for name, value in each.headers]))
        for each in records
    ]
    await database.execute(_APPEND, *(list(column) for column in zip(*rows, strict=True)))


async def read(database: Database, topic: str, after: int = 0, limit: int = 500) -> list[Received]:
    """What a topic holds."""
    return [_received(row) for row in await database.fetch(_READ, topic, after, limit)]


async def committed(database: Database, topic: str) -> int:
    """The offset up to which the topic's group has read; 0 at first."""
    return int(await database.fetchval(_POSITION, topic))


class LogProducer:
    """See runtime.kafka.Producer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        if records:
            await publish(self._database, records)


class LogConsumer:
    """See runtime.kafka.Consumer."""

    def __init__(self, database: Database, topic: str) -> None:
        self._database = database
        self._topic = topic
        self._read = -1

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        if self._read < 0:
            self._read = await committed(self._database, self._topic)
        found = await _wait_for(self._database, self._topic, self._read, max_records, seconds)
        self._read = found[-1].offset if found else self._read
        return found

    def mark(self) -> Mark:
        return {(self._topic, 0): self._read}

    async def commit(self, upto: Mark) -> bool:
        await self._database.execute(_COMMIT, self._topic, upto[self._topic, 0])
        return True

    def pause(self) -> None:
        """Nothing here is ever down for long."""

    def resume(self) -> None:
        """See pause."""

    async def behind(self) -> dict[Lane, tuple[int, int]]:
        """How far it is behind is nobody's question here."""
        return {(self._topic, 0): (self._read, self._read)}


class LogReader:
    """See runtime.kafka.CompactedReader."""

    def __init__(self, database: Database, topic: str) -> None:
        self._database = database
        self._topic = topic
        self._read = 0

    async def poll(self, seconds: float) -> list[Received]:
        found = await _wait_for(self._database, self._topic, self._read, 5_000, seconds)
        self._read = found[-1].offset if found else self._read
        return found


async def _wait_for(database: Database, topic: str, after: int, limit: int, seconds: float) -> list[Received]:
    end = time.monotonic() + seconds
    while True:
        found = await read(database, topic, after, limit)
        if found or time.monotonic() >= end:
            return found
        await asyncio.sleep(EMPTY_SECONDS)


def _received(row: Row) -> Received:
    headers = tuple((name, value.encode()) for name, value in json.loads(row["headers"]))
    return Received(row["topic"], 0, row["number"], row["key"], row["value"], headers, 0)
