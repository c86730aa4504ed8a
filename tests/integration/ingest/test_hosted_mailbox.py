"""A mailbox that Odoo hosts, on a real ledger: every message is one event, late ones too, wherever the process dies."""

import contextlib

import pytest

from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from runtime.errors import OutcomeUnknownError
from runtime.postgres import Database
from schemas.envelope import header
from schemas.mailbox import Mailbox
from schemas.odoo_source import OdooSource
from services.ingest.store import Ledger
from tests.integration.ingest.parts import Broker, CrashError, CrashingLedger, desk, migrated
from tests.unit.connectors.odoo.office import Office

BOX = Mailbox(id="leads", source=OdooSource(kind="odoo"))
STEPS = ("before the ledger", "before publishing", "before the mark", "after the mark", "before the cursor")


def opened(office: Office) -> MailboxConnection:
    return open_mailbox(BOX, lambda _: "", odoo=OdooHost(office.odoo, "maildesk", "admin"))


async def delivered(office: Office, number: int) -> int:
    values = {"message_type": "email", "model": "crm.lead", "res_id": 7, "email_from": "Ann <ann@x.example>"}
    return await office.create("mail.message", message_id=f"<{number}@x.example>", subject=f"Offer {number}", **values)


async def answered(office: Office) -> None:
    """A user writes to a customer."""
    customer = await office.partner("ann@x.example")
    values = {"message_type": "comment", "model": "crm.lead", "res_id": 7, "author_id": 3}
    sent = await office.create("mail.message", message_id="<answer@company.example>", **values)
    await office.create("mail.notification", mail_message_id=sent, res_partner_id=customer, notification_type="email")


def published(broker: Broker) -> dict[str, int]:
    """Events by topic; a repeat has the same bytes."""
    records = broker.distinct()
    idents = [header(record.headers, "ce_id") for record in records]
    assert len(set(idents)) == len(idents), "one event was published with different bytes"
    topics = [record.topic for record in records]
    return {topic: topics.count(topic) for topic in sorted(set(topics))}


@pytest.mark.parametrize("step", ["", *STEPS])
async def test_every_message_is_one_event(database: Database, step: str) -> None:
    office, broker = Office(), Broker()
    store = office.line.standin.store
    early = store.next_id("mail.message")
    mails = [await delivered(office, number) for number in range(3)]
    await answered(office)
    first = CrashingLedger(await migrated(database), step)
    with contextlib.suppress(CrashError):
        await desk(first, broker, opened(office), mailbox=BOX).reader.look()
    with store.transaction():
        late = {**store.tables["mail.message"][mails[-1]], "message_id": "<late@x.example>"}
        store.put("mail.message", early, late)
    again = desk(Ledger(database), broker, opened(office), mailbox=BOX).reader
    await again.look()
    await again.look()
    assert published(broker) == {"mail-arrived": 4, "mail-sent": 1}
    conversations = await database.fetchval("SELECT count(DISTINCT conversation) FROM ingest.event")
    assert conversations == 1, "all on one lead"


async def test_an_odoo_that_breaks_off_is_asked_again(database: Database) -> None:
    office, broker = Office(), Broker()
    await delivered(office, 1)
    reader = desk(Ledger(await migrated(database)), broker, opened(office), mailbox=BOX).reader
    office.line.fail = OutcomeUnknownError("the connection to Odoo broke", code="odoo-outcome-unknown")
    with pytest.raises(OutcomeUnknownError):
        await reader.look()
    office.line.fail = None
    assert [await reader.look() for _ in range(2)] == [1, 0]
    assert published(broker) == {"mail-arrived": 1}


async def test_reading_changes_nothing_in_odoo(database: Database) -> None:
    office = Office()
    await delivered(office, 1)
    office.line.calls.clear()
    await desk(Ledger(await migrated(database)), Broker(), opened(office), mailbox=BOX).reader.look()
    reading = {"search_read", "search_count", "fields_get", "get_external_id"}
    assert {method for _, method in office.line.calls} <= reading
