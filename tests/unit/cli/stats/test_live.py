"""The live statistics as the command reads them off Kafka."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cli.stats.live import live_rows
from runtime.kafka import Outgoing
from runtime.memory_topics import MemoryScan, MemoryTopics
from schemas.topics import AUDIT_LIVE_CHANGELOG
from services.audit.live_counts import BUCKETS, SUM, TIMED, WIDTH

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
NAME = AUDIT_LIVE_CHANGELOG.name


def window(partition: int, minutes_ago: float, counts: Sequence[float], rule: str = "orders") -> Outgoing:
    """As Faust writes it."""
    begin = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    key = json.dumps([[partition, "sales", rule, "tag"], [begin, begin + 59.9]]).encode()
    return Outgoing(NAME, key, json.dumps(counts).encode(), partition=partition)


def counts(succeeded: int, failed: int = 0) -> list[float]:
    found: list[float] = [0] * WIDTH
    found[0], found[1], found[TIMED], found[SUM] = succeeded, failed, succeeded, 0.4 * succeeded
    found[BUCKETS + 6] = succeeded
    return found


async def rows(*records: Outgoing) -> list[tuple[object, ...]] | None:
    topics = MemoryTopics(partitions=6, now=lambda: NOW)
    await topics.send_all(records)
    found = await live_rows(MemoryScan(topics, (NAME,)), NOW)
    return (
        None
        if found is None
        else [(row["rule_id"], row["commands"], row["failed"], row["seconds_p95"]) for row in found]
    )


async def test_the_newest_of_each_window_counts_and_partitions_add_up() -> None:
    written = [window(0, 1, counts(1)), window(0, 1, counts(3)), window(4, 1, counts(2, 1)), window(4, 2, counts(1))]
    assert await rows(*written) == [("orders", 7, 1, 0.5)]


async def test_older_minutes_and_other_versions_are_left_out() -> None:
    written = [
        window(0, 1, counts(1)),
        window(0, 9, counts(50)),
        window(1, 1, [1, 2, 3]),
        window(2, 1, counts(1), "vip"),
    ]
    assert await rows(*written) == [("orders", 1, 0, 0.5), ("vip", 1, 0, 0.5)]


async def test_where_nothing_is_kept_there_is_no_answer() -> None:
    assert await rows() is None
