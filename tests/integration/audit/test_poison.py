"""Records that are none go to the dead letters; those beside them are written."""

from runtime.kafka import Outgoing, Producer
from runtime.postgres import Database
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS, dead_letter_topic
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import assert_row_for_row, complete, dead_letters, until
from tests.integration.audit.samples import outgoing, result, traffic

KEY = b"sales/poison"
POISON = {
    "not JSON": b"\xff\xfe not json",
    "empty": b"",
    "another shape": b'{"subject": "secret words"}',
    "a bare value": b"7",
    "deep": b"[" * 100_000,
    "huge": b'{"text": "' + b"x" * 3_000_000 + b'"}',
    "numbers": outgoing(result(20_000)).value.replace(b'"generation":0', b'"generation":' + b"9" * 400),  # type: ignore[union-attr]
    "time": outgoing(result(20_001)).value.replace(b"2026-03-14", b"0000-00-00"),  # type: ignore[union-attr]
    "surrogate": outgoing(result(20_002)).value.replace(b'"done"', b'"\\ud800"'),  # type: ignore[union-attr]
}


async def test_poison_is_set_aside(workers: Workers, producer: Producer, database: Database, kafka: str) -> None:
    topic = AUTOMATION_RESULTS.name
    records = list(traffic(200))
    for position, value in enumerate(POISON.values()):
        records.insert(position * 20, Outgoing(topic, KEY, value))
    records.insert(30, Outgoing(topic, KEY, None))
    records.insert(60, Outgoing(AUTOMATION_DECISIONS.name, KEY, b"{}"))
    worker = workers()
    worker.start()
    await producer.send_all(records)
    await until(lambda: complete(database, 200))
    letters = await dead_letters(kafka, dead_letter_topic(topic), len(POISON) + 1)
    assert {letter.code for letter in letters} == {"invalid-record", "out-of-range", "no-value"}
    kept = [letter.value for letter in letters if letter.value is not None]
    assert sorted(kept) == sorted(value[: 512 * 1024] for value in POISON.values())
    assert not any("secret" in letter.text for letter in letters)
    assert len(await dead_letters(kafka, dead_letter_topic(AUTOMATION_DECISIONS.name), 1)) == 1
    await assert_row_for_row(database, 200)
    assert await worker.stop() == 0
    assert "secret" not in str(worker.log())


async def test_nul_is_replaced(workers: Workers, producer: Producer, database: Database) -> None:
    worker = workers()
    worker.start()
    await producer.send_all([outgoing(result(1, text="a\x00b", message_id="<\x00>"))])
    await until(lambda: database.fetchval("SELECT count(*) = 1 FROM audit.execution_log_v1"))
    row = await database.fetchrow("SELECT text, message_id FROM audit.execution_log_v1")
    assert row is not None
    assert tuple(row) == ("a\ufffdb", "<\ufffd>")
    assert await worker.stop() == 0
