"""Several folders of one mailbox, and a source that calls when something is new."""

import asyncio
from dataclasses import replace

import pytest

from connectors.mailbox.fake import EPOCH, FakeMailbox, Folder, Stored
from connectors.mailbox.port import FolderMissingError
from runtime.clock import SystemClock
from runtime.postgres import Database
from schemas.mail import MailArrived
from schemas.mailbox import Mailbox
from services.ingest.metrics import LOOKS, MISSING_FOLDERS
from services.ingest.reader import MailboxReader
from services.ingest.store import Ledger
from tests.integration.ingest.parts import MAILBOX, Broker, Desk, desk, migrated, numbered, until

SOURCE = MAILBOX.source.model_copy(update={"folders": ("Offers", "Lists")})
SEVERAL = MAILBOX.model_copy(update={"source": SOURCE})


def subjects(broker: Broker) -> list[str]:
    return [f"{r.topic}: {MailArrived.model_validate_json(r.value or b'').subject}" for r in broker.records]


def awake(one: Desk, box: FakeMailbox, mailbox: Mailbox = MAILBOX) -> asyncio.Task[None]:
    """The reader's loop on the machine's clock, with hours between two looks that nobody calls for."""
    reading = replace(one.reading, clock=SystemClock(), net=3600.0, poll=3600.0)
    return asyncio.create_task(MailboxReader(mailbox, box, reading).run())


async def test_each_folder_is_read_with_a_cursor_of_its_own(database: Database) -> None:
    box, broker = FakeMailbox("info", ("INBOX", "Offers", "Lists", "Sent")), Broker()
    for number, folder in enumerate(("Offers", "INBOX", "Lists", "Offers")):
        box.deliver(numbered(number), folder)
    one = desk(Ledger(await migrated(database)), broker, box, mailbox=SEVERAL)
    assert await one.reader.look() == 4
    assert await one.reader.look() == 0
    assert subjects(broker) == [f"mail-arrived: Number {number}" for number in (1, 0, 3, 2)]
    cursors = await database.fetch("SELECT folder FROM ingest.cursor ORDER BY folder")
    assert [row["folder"] for row in cursors] == ["INBOX", "Lists", "Offers"]


async def test_a_mail_that_moves_between_folders_is_one_event(database: Database) -> None:
    box, broker = FakeMailbox("info", ("INBOX", "Offers", "Lists")), Broker()
    uri = box.deliver(numbered(1))
    one = desk(Ledger(await migrated(database)), broker, box, mailbox=SEVERAL)
    await one.reader.look()
    box.remove(uri)
    box.deliver(numbered(1), "Offers")
    await one.reader.look()
    assert len(broker.records) == 1


async def test_a_folder_that_is_missing_is_named_and_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    box, broker = FakeMailbox("info", ("INBOX", "Lists", "Sent")), Broker()
    for number, folder in enumerate(("INBOX", "Lists")):
        box.deliver(numbered(number), folder)
    one = desk(Ledger(await migrated(database)), broker, box, mailbox=SEVERAL)
    for _ in range(3):
        await one.reader.look()
    assert len(broker.records) == 2
    assert one.health.facts["mailboxes"]["info"]["missing_folders"] == ["Offers"]
    assert one.health.ready
    assert MISSING_FOLDERS.labels("info")._value.get() == 1
    named = [record for record in caplog.records if record.message.startswith("no such folder")]
    assert [record.__dict__["folder"] for record in named] == ["Offers"], "once, not at each look"
    box.stored["Offers"] = Folder()
    box.deliver(numbered(7), "Offers")
    assert await one.reader.look() == 1
    assert "missing_folders" not in one.health.facts["mailboxes"]["info"]


async def test_without_the_inbox_the_others_are_read_and_the_pass_fails(database: Database) -> None:
    box, broker = FakeMailbox("info", ("Offers", "Lists", "Sent")), Broker()
    box.deliver(numbered(1), "Lists")
    one = desk(Ledger(await migrated(database)), broker, box, mailbox=SEVERAL)
    with pytest.raises(FolderMissingError, match="INBOX"):
        await one.reader.look()
    assert len(broker.records) == 1


async def test_a_source_that_calls_is_read_at_once(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    told = LOOKS.labels("told")._value.get()
    running = awake(desk(Ledger(await migrated(database)), broker, box), box)
    for number, folder in enumerate(("INBOX", "Sent", "INBOX")):
        await asyncio.sleep(0.2)
        box.deliver(numbered(number), folder)
        await until(lambda: len(broker.records) > number, 10)  # noqa: B023 - awaited in the same turn
    running.cancel()
    await asyncio.wait({running})
    assert LOOKS.labels("told")._value.get() == told + 3


async def test_a_source_that_forgets_to_call_is_read_in_time(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    one = desk(Ledger(await migrated(database)), broker, box)
    reading = replace(one.reading, clock=SystemClock(), poll=3600.0, net=0.2)
    running = asyncio.create_task(MailboxReader(MAILBOX, box, reading).run())
    await until(lambda: bool(one.health.facts["mailboxes"]["info"]["scanned_once"]), 10)
    box.stored["INBOX"].add(Stored(numbered(1), EPOCH))  # past `deliver`, which calls
    await until(lambda: len(broker.records) == 1, 10)
    running.cancel()
    await asyncio.wait({running})
