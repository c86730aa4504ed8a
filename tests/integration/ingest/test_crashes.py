"""A crash between any two steps loses nothing and publishes the same bytes again; so do two readers at once."""

import asyncio

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.limits import ReadLimits
from runtime.errors import TargetDownError
from runtime.postgres import Database
from schemas.mail import MailArrived
from services.ingest.store import Ledger
from tests.integration.ingest.parts import MAILBOX, Broker, CrashError, CrashingLedger, desk, migrated, numbered

STEPS = (
    "before the ledger",
    "before publishing",
    "before the mark",
    "after the mark",
    "before the cursor",
    "after the cursor",
)
SMALL = ReadLimits(batch_messages=4)


def full_box() -> FakeMailbox:
    box = FakeMailbox("info", limits=SMALL)
    for number in range(10):
        box.deliver(numbered(number) if number != 5 else None)
    return box


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_between_two_steps(database: Database, step: str) -> None:
    box, broker = full_box(), Broker()
    ledger = CrashingLedger(await migrated(database), step)
    with pytest.raises(CrashError):
        await desk(ledger, broker, box).reader.look()
    await desk(ledger, broker, box).reader.look()
    distinct = broker.distinct()
    assert len(distinct) == 10
    assert len({bytes(record.value or b"") for record in broker.records}) == 10
    events = [MailArrived.model_validate_json(r.value or b"") for r in distinct if r.topic == "mail-arrived"]
    assert [event.subject for event in events] == [f"Number {n}" for n in range(10) if n != 5]
    assert await database.fetchval("SELECT count(*) FROM ingest.item WHERE outcome = 'duplicate'") == 0


@pytest.mark.parametrize("fault", ["fail_before", "fail_after"])
async def test_a_broker_that_goes_away(database: Database, fault: str) -> None:
    box, broker = full_box(), Broker()
    setattr(broker, fault, 2)
    one = desk(Ledger(await migrated(database)), broker, box)
    for _ in range(2):
        with pytest.raises(TargetDownError):
            await one.reader.look()
        assert await database.fetchval("SELECT count(*) FROM ingest.cursor") == 0
        assert one.reading.relay.pending("info") == 4
    await one.reader.look()
    assert len(broker.distinct()) == 10


async def test_two_readers_at_once_agree(database: Database) -> None:
    box, broker = FakeMailbox("info", limits=SMALL), Broker()
    for number in range(60):
        above = f"References: <{number - 10}@example.org>\n" if number >= 10 else ""
        box.deliver(numbered(number, above))
    ledger = Ledger(await migrated(database))
    await asyncio.gather(*(desk(ledger, broker, box).reader.look() for _ in range(3)))
    events = [MailArrived.model_validate_json(record.value or b"") for record in broker.distinct()]
    assert len(events) == 60
    assert len({event.event_id for event in events}) == 60
    assert len({event.conversation for event in events}) == 10
    assert await database.fetchval("SELECT count(*) FROM ingest.item WHERE outcome <> 'event'") == 0


async def test_two_processes_on_two_mailboxes_do_not_mix(database: Database) -> None:
    broker, ledger = Broker(), Ledger(await migrated(database))
    sales = MAILBOX.model_copy(update={"id": "sales"})
    first, second = FakeMailbox("info"), FakeMailbox("sales")
    first.deliver(numbered(1))
    second.deliver(numbered(1))
    await desk(ledger, broker, first).reader.look()
    await desk(ledger, broker, second, mailbox=sales).reader.look()
    events = [MailArrived.model_validate_json(record.value or b"") for record in broker.records]
    assert len({(event.event_id, event.conversation) for event in events}) == 2
    assert all(event.reply_state.first_contact for event in events)
