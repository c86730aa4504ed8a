"""When Postgres refuses: for a while, for too long, or one record for ever."""

import random

import pytest

from runtime.kafka import Producer
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.topics import AUTOMATION_RESULTS, dead_letter_topic
from services.audit.finish import EXIT_UNFINISHED
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import assert_row_for_row, complete, dead_letters, until
from tests.integration.audit.samples import outgoing, result, traffic

# A sequence survives the rollback of the statement that raised, so it counts the refusals.
REFUSE = """
CREATE SEQUENCE audit.refused;
CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('audit.refused') <= {times} THEN
        RAISE EXCEPTION 'not now' USING ERRCODE = '40001';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse AFTER INSERT ON audit.execution FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
"""


async def test_a_transient_refusal_is_tried_again(workers: Workers, producer: Producer, database: Database) -> None:
    await migrate(database, "audit")
    await database.execute(REFUSE.format(times=4))
    worker = workers()
    worker.start()
    await producer.send_all(list(traffic(200)))
    await until(lambda: complete(database, 200))
    await assert_row_for_row(database, 200)
    assert worker.total("maildesk_audit_retries_total") == 4
    assert await worker.stop() == 0


async def test_when_retries_are_spent_it_exits_and_nothing_is_lost(
    workers: Workers, producer: Producer, database: Database
) -> None:
    await migrate(database, "audit")
    await database.execute(REFUSE.format(times=1_000_000))
    worker = workers(MAILDESK_AUDIT_RETRY="1")
    worker.start()
    await producer.send_all(list(traffic(200)))
    assert await worker.ended() == EXIT_UNFINISHED
    assert worker.log()[-1]["code"] == "retries-spent"
    await database.execute("DROP TRIGGER refuse ON audit.execution")
    worker.start()
    await until(lambda: complete(database, 200))
    await assert_row_for_row(database, 200)
    assert await worker.stop() == 0


async def test_sigterm_while_postgres_refuses_loses_nothing(
    workers: Workers, producer: Producer, database: Database
) -> None:
    await migrate(database, "audit")
    await database.execute(REFUSE.format(times=1_000_000))
    worker = workers(MAILDESK_AUDIT_RETRY="300")
    worker.start()
    await producer.send_all(list(traffic(200)))
    await until(lambda: database.fetchval("SELECT last_value > 2 FROM audit.refused"))
    assert await worker.stop() == EXIT_UNFINISHED
    await database.execute("DROP TRIGGER refuse ON audit.execution")
    worker.start()
    await until(lambda: complete(database, 200))
    await assert_row_for_row(database, 200)
    assert await worker.stop() == 0


@pytest.mark.parametrize("seed", [20_260_314])
async def test_what_postgres_never_takes_is_found_and_the_rest_is_written(
    workers: Workers, producer: Producer, database: Database, kafka: str, seed: int
) -> None:
    # Too long for an entry of the index on mailbox, and too random to be compressed.
    oversize = "".join(random.Random(seed).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_000))
    records = list(traffic(200))
    records.insert(50, outgoing(result(10_001, mailbox=oversize)))
    records.insert(99, outgoing(result(10_002, mailbox=oversize)))
    worker = workers()
    worker.start()
    await producer.send_all(records)
    await until(lambda: complete(database, 200))
    letters = await dead_letters(kafka, dead_letter_topic(AUTOMATION_RESULTS.name), 2)
    assert {letter.code for letter in letters} == {"postgres-refused"}
    await assert_row_for_row(database, 200)
    assert await worker.stop() == 0
