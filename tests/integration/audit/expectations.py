"""Waiting for the log, and comparing it row for row."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer

from runtime.errors import MaildeskError
from runtime.postgres import Database
from schemas.dead_letter import DeadLetter
from tests.integration.audit.process import AuditProcess
from tests.integration.audit.samples import command_of, decision, event_of


async def until(check: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> None:
    """Until it holds. A database that is not migrated yet holds nothing."""
    deadline = time.monotonic() + seconds
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = await check()
        except MaildeskError as error:
            last = error
        else:
            if last:
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain: {last!r}")


async def until_handled(workers: Sequence[AuditProcess], count: int, seconds: float = 60.0) -> None:
    """Until the workers have handled that many records since they started, repeats too."""

    async def enough() -> bool:
        totals = [await asyncio.to_thread(worker.total, "maildesk_audit_records_total") for worker in workers]
        return sum(totals) >= count

    await until(enough, seconds)


async def counts(database: Database) -> tuple[int, int]:
    """Decisions and executions."""
    row = await database.fetchrow(
        "SELECT (SELECT count(*) FROM audit.decision_log_v1) AS decisions,"
        " (SELECT count(*) FROM audit.execution_log_v1) AS executions"
    )
    assert row is not None
    return row["decisions"], row["executions"]


async def complete(database: Database, count: int) -> bool:
    """Whether the log holds every row of `traffic(count)`, final."""
    final = await database.fetchval("SELECT count(*) FROM audit.execution_log_v1 WHERE state = 'succeeded'")
    return (await counts(database))[0] == count and final == count


async def assert_row_for_row(database: Database, count: int) -> None:
    """The log is exactly what `traffic(count)` says: none twice, none missing, none stale."""
    executions = await database.fetch(
        "SELECT command_id, event_id, sequence, state, produced_id, duration FROM audit.execution_log_v1"
    )
    assert sorted(tuple(row.values()) for row in executions) == sorted(
        (command_of(n), event_of(n), 2 if n % 3 == 0 else 1, "succeeded", n + 1, 1.5) for n in range(count)
    )
    decisions = await database.fetch("SELECT decision_id, event_id, outcome, commands FROM audit.decision_log_v1")
    assert sorted(row["decision_id"] for row in decisions) == sorted(decision(n).decision_id for n in range(count))
    assert await database.fetchval("SELECT count(*) FROM audit.unfinished_v1") == 0


async def dead_letters(kafka: str, topic: str, count: int) -> list[DeadLetter]:
    """The first `count` dead letters of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(40):
            found = [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
    return [DeadLetter.model_validate_json(record.value) for record in found]
