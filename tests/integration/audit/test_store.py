"""The tables: partitions, retention, and what is unfinished."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from runtime.errors import TransientError
from runtime.kafka import Received
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.mail import Published
from services.audit.decode import decode
from services.audit.entry import Entry
from services.audit.store import AuditStore
from tests.integration.audit.samples import command_of, decision, outgoing, result

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def entries(*records: Published) -> list[Entry]:
    """As the service makes them of what it reads."""
    found = []
    for record in records:
        sent = outgoing(record)
        entry = decode(Received(sent.topic, 0, 0, sent.key, sent.value, tuple(sent.headers), 0), "")
        assert isinstance(entry, Entry), entry
        found.append(entry)
    return found


async def store_on(database: Database) -> AuditStore:
    await migrate(database, "audit")
    return AuditStore(database)


async def unfinished(database: Database) -> Sequence[Any]:
    return [(row["command_id"], row["state"]) for row in await database.fetch("SELECT * FROM audit.unfinished_v1")]


async def test_rows_written_before_their_partition_move_there(database: Database) -> None:
    store = await store_on(database)
    await store.write(entries(decision(1), result(1), result(2, run_at=datetime(1970, 1, 1, tzinfo=UTC))))
    assert await store.default_rows() == 3
    assert await store.make_month(MARCH) == ["decision", "execution"]
    assert await store.make_month(MARCH) == []
    assert await store.default_rows() == 1
    assert await store.write(entries(decision(1), result(1))) == {"decision": 0, "execution": 0}
    assert await database.fetchval("SELECT count(*) FROM audit.execution_2026_03") == 1


async def test_many_make_the_same_month_while_others_write(database: Database) -> None:
    store = await store_on(database)

    async def write(number: int) -> None:
        """As the handler's patience would: what is transient is tried again."""
        for _ in range(20):
            try:
                await store.write(entries(decision(number), result(number)))
            except TransientError:
                continue
            return

    writing = [write(number) for number in range(20)]
    making = asyncio.gather(*(store.make_month(MARCH) for _ in range(8)))
    made, _ = await asyncio.gather(making, asyncio.gather(*writing))
    assert sorted(table for tables in made for table in tables) == ["decision", "execution"]
    assert await store.default_rows() == 0
    assert await database.fetchval("SELECT count(*) FROM audit.execution") == 20


async def test_retention_drops_whole_months_only(database: Database) -> None:
    store = await store_on(database)
    for month in (MARCH, APRIL):
        await store.make_month(month)
    april = datetime(2026, 4, 1, tzinfo=UTC)
    old = datetime(1999, 1, 1, tzinfo=UTC)
    await store.write(entries(decision(1), result(2), result(3, run_at=april), result(4, run_at=old)))
    assert await store.drop_months(APRIL) == ["decision_2026_03", "execution_2026_03"]
    assert await database.fetchval("SELECT array_agg(produced_id) FROM audit.execution_log_v1") == [4]
    assert await unfinished(database) == []


async def test_a_command_is_unfinished_until_its_final_result(database: Database) -> None:
    store = await store_on(database)
    await store.write(entries(decision(1), decision(2), decision(3, commands=())))
    await store.write(entries(result(1, 1, "retry_wait"), result(2)))
    assert await unfinished(database) == [(command_of(1), "retry_wait")]
    following = command_of(1, "a2")
    await store.write(entries(result(1, 2, "skipped", next_command=following)))
    assert await unfinished(database) == [(following, None)]
    await store.write(entries(result(1, 1, "planned", command_id=following)))
    assert await unfinished(database) == []


async def test_nothing_stays_unfinished_when_the_result_comes_first_or_again(database: Database) -> None:
    store = await store_on(database)
    for records in (entries(result(1)), entries(decision(1)), entries(result(1), decision(1))):
        await store.write(records)
        assert await unfinished(database) == []
    assert await database.fetchval("SELECT count(*) FROM audit.expected") == 0


async def test_nothing_stays_expected_when_both_are_written_at_once(database: Database) -> None:
    store = await store_on(database)
    await asyncio.gather(
        *(store.write(entries(decision(n))) for n in range(50)), *(store.write(entries(result(n))) for n in range(50))
    )
    assert await database.fetchval("SELECT count(*) FROM audit.expected") == 0


async def test_an_undo_names_what_it_took_back(database: Database) -> None:
    store = await store_on(database)
    undone, undo = command_of(1), command_of(1, "undo")
    await store.write(entries(result(1), result(1, command_id=undo, run=f"undo-{undone}", undoes=undone)))
    await store.make_month(MARCH)
    rows = await database.fetch("SELECT command_id, undoes FROM audit.execution_log_v1 ORDER BY undoes NULLS FIRST")
    assert [(row["command_id"], row["undoes"]) for row in rows] == [(undone, None), (undo, undone)]
    assert await unfinished(database) == []
