"""Whatever happens to the processes, the log is row for row what was published."""

import asyncio
import random

import pytest

from runtime.kafka import Producer
from runtime.postgres import Database
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import assert_row_for_row, complete, until, until_handled
from tests.integration.audit.samples import traffic

PIECE = 50


async def publish(producer: Producer, enough: asyncio.Event, at_least: int) -> int:
    """Publish `traffic` piece by piece until it is enough; returns the number of mails."""
    count = 0
    while count < at_least or not enough.is_set():
        await producer.send_all(list(traffic(PIECE, start=count)))
        count += PIECE
        await asyncio.sleep(0.1)
    return count


async def test_a_second_worker_joins_and_leaves_in_mid_batch(
    workers: Workers, producer: Producer, database: Database
) -> None:
    first, second = workers(MAILDESK_AUDIT_BATCH="50"), workers(MAILDESK_AUDIT_BATCH="50")
    enough = asyncio.Event()
    publishing = asyncio.create_task(publish(producer, enough, at_least=1_000))
    first.start()
    await until_handled([first], 500)
    second.start()
    await until_handled([second], 300)
    assert await second.stop() == 0
    enough.set()
    count = await publishing
    await until(lambda: complete(database, count))
    await assert_row_for_row(database, count)
    assert await first.stop() == 0


@pytest.mark.parametrize(
    ("kills", "mails"), [(3, 1_000), pytest.param(30, 50_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
async def test_kill_9_during_a_run(
    workers: Workers, producer: Producer, database: Database, kills: int, mails: int
) -> None:
    chance = random.Random(20_260_314)
    crew = [workers(MAILDESK_AUDIT_BATCH="100"), workers(MAILDESK_AUDIT_BATCH="100")]
    enough = asyncio.Event()
    publishing = asyncio.create_task(publish(producer, enough, mails))
    for worker in crew:
        worker.start()
    for _ in range(kills):
        victim = chance.choice(crew)
        await victim.ready()
        await asyncio.sleep(chance.uniform(0.0, 1.5))
        victim.kill()
        victim.start()
    enough.set()
    count = await publishing
    await until(lambda: complete(database, count), seconds=240)
    await assert_row_for_row(database, count)
    for worker in crew:
        await worker.ready()  # the last one killed may not have come back yet
        assert await worker.stop() == 0
