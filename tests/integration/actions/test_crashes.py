"""kill -9 while commands are carried out: afterwards each effect is there once, and the outbox knows of one success."""

import asyncio
import signal
from pathlib import Path
from random import Random

from runtime.postgres import connect
from tests.integration.actions.house import House, steps
from tests.integration.actions.maildirs import ARCHIVE, STAR, TAG, arrives, maildir, seen

MAILS = 25
KILLS = 4


async def test_kills_at_any_moment_leave_each_effect_once(house: House, tmp_path: Path) -> None:
    rig, box = maildir(tmp_path / "maildir")
    await house.mailboxes(box)
    slips = [await arrives(rig, TAG, STAR, ARCHIVE) for _ in range(MAILS)]
    worker = house.worker("w")
    await worker.component("postgres", ready=True)
    random = Random(5)
    for start in range(0, MAILS, MAILS // KILLS + 1):
        await house.command(*slips[start : start + MAILS // KILLS + 1])
        await asyncio.sleep(random.uniform(0.0, 1.0))
        worker.end(signal.SIGKILL)
        worker.start()
    commands = [each for slip in slips for each in steps(slip)]
    results = await house.final(*commands)
    assert {(result.state, result.reason) for result in results} == {("succeeded", "")}
    assert await seen(rig) == []
    assert [flags - {"\\Seen"} for flags in rig.flags("Archive")] == [{"\\Flagged", "Invoice"}] * MAILS
    database = await connect(house.dsn, name="tests", pool_size=1)
    try:
        for given in commands:
            found = [result.state for result in await house.results(database, given)]
            assert found.count("succeeded") == 1
        assert await database.fetchval("SELECT count(*) FROM actions.claim WHERE succeeded_at IS NULL") == 0
    finally:
        await database.close()
    assert worker.end(signal.SIGTERM) == 0
