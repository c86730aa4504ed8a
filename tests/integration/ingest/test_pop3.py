"""POP3 on a real ledger: what is recorded is not fetched again, wherever the process died and whatever the order."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pytest

from connectors.mailbox.port import Position
from runtime.clock import FakeClock
from runtime.postgres import Database
from schemas.mailbox import Mailbox
from schemas.pop3_source import Pop3Source
from services.ingest.store import Ledger
from tests.integration.ingest.parts import Broker, CrashError, CrashingLedger, desk, migrated, numbered
from tests.unit.connectors.mailbox.stub_pop3 import mailbox_on, running_stub

BOX = Mailbox(id="test", source=Pop3Source(kind="pop3", host="h", username="u", password="P"))


async def _known(ledger: Ledger, now: datetime, mailbox: str, places: Sequence[Position]) -> set[int]:
    return await ledger.known(mailbox, places, now)


@pytest.mark.parametrize("step", ["before publishing", "after the mark", "before the cursor"])
async def test_each_mail_is_one_event_and_read_once_more_at_most(database: Database, step: str) -> None:
    broker, now = Broker(), FakeClock().now()
    dying = CrashingLedger(await migrated(database), step)
    with running_stub() as stub:
        stub.mails = [(f"u{n}", numbered(n)) for n in range(1, 6)]
        for ledger in (dying, Ledger(database), Ledger(database)):
            box = mailbox_on(stub, known=partial(_known, ledger, now))
            with contextlib.suppress(CrashError):
                await desk(ledger, broker, box, mailbox=BOX).reader.look()
            await box.close()
            stub.mails.reverse()
        fetched = [command for command in stub.commands if command.startswith("TOP")]
    assert len(broker.distinct()) == 5
    assert len(fetched) == 5, "what the ledger had before the process died is not fetched again"
    assert await database.fetchval("SELECT count(*) FROM ingest.item WHERE outcome = 'event'") == 5
