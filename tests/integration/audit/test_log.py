"""What is published is in the log, once."""

from runtime.kafka import Producer
from runtime.postgres import Database
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import assert_row_for_row, complete, counts, until, until_handled
from tests.integration.audit.samples import TRACE, outgoing, result, traffic


async def test_log_holds_what_was_published(workers: Workers, producer: Producer, database: Database) -> None:
    worker = workers()
    worker.start()
    await producer.send_all(list(traffic(300)))
    await until(lambda: complete(database, 300))
    await assert_row_for_row(database, 300)
    row = await database.fetchrow("SELECT * FROM audit.execution_log_v1 WHERE message_id = '<7@example.org>'")
    assert row is not None
    assert (row["trace_id"], row["produced_model"], row["produced_text"]) == (TRACE, "crm.lead", "done")
    assert "maildesk_audit_rows_total" in worker.get("/metrics")
    assert await worker.stop() == 0
    assert list((worker.home / "cwd").iterdir()) == []


async def test_redelivery_changes_nothing(workers: Workers, producer: Producer, database: Database) -> None:
    worker = workers()
    worker.start()
    for _ in range(3):
        await producer.send_all(list(traffic(100)))
    await producer.send_all([outgoing(result(100_000))])
    await until_handled([worker], 3 * len(list(traffic(100))) + 1)
    assert await counts(database) == (100, 101)
    assert await worker.stop() == 0


async def test_the_highest_sequence_is_true_in_any_order(
    workers: Workers, producer: Producer, database: Database
) -> None:
    worker = workers(MAILDESK_AUDIT_WITHIN="0.05")
    worker.start()
    await producer.send_all([outgoing(result(1, 3, "failed")), outgoing(result(1, 2)), outgoing(result(2, 1))])
    await until(lambda: database.fetchval("SELECT count(*) = 2 FROM audit.execution_log_v1"))
    await producer.send_all([outgoing(result(1, 1, "retry_wait")), outgoing(result(2, 4, "skipped"))])
    await producer.send_all([outgoing(result(2, 3, "retry_wait")), outgoing(result(1, 2, "skipped"))])
    await until(lambda: database.fetchval("SELECT count(*) = 1 FROM audit.execution_log_v1 WHERE sequence = 4"))
    assert await worker.stop() == 0
    rows = await database.fetch("SELECT produced_id, sequence, state FROM audit.execution_log_v1 ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [(2, 3, "failed"), (3, 4, "skipped")]
