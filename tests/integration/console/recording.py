"""Events put into ingest's ledger as ingest records them."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from runtime.kafka import Outgoing
from runtime.migrations import migrate
from runtime.postgres import Database, connect
from schemas.mail import MailArrived, MailSent
from schemas.topics import MAIL_ARRIVED, MAIL_SENT
from services.ingest.store import Unit
from tests.unit.services.evaluator.making import event

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)


def mail(number: int, subject: str, *, mailbox: str = "support", days: float = 0) -> MailArrived:
    """The mail of that number: each is a minute later than the one before, some `days` after START."""
    return event(subject=subject, mailbox=mailbox).model_copy(
        update={
            "event_id": uuid5(UUID(int=0), f"{mailbox}/{number}"),
            "message_id": f"<{number}@tests.example>",
            "received_at": START + timedelta(days=days, minutes=number),
        }
    )


async def record(database: Database, events: Iterable[MailArrived | MailSent]) -> None:
    """All of them, a thousand at a time."""
    await migrate(database, "ingest")
    rows = [(each, Outgoing(_topic(each), each.record_key.encode(), each.to_json(), [])) for each in events]
    for mailbox in sorted({each.mailbox for each, _ in rows}):
        own = [row for row in rows if row[0].mailbox == mailbox]
        for first in range(0, len(own), 1_000):
            async with database.transaction() as session:
                await Unit(session, mailbox, START).insert_events(own[first : first + 1_000])


def recorded(dsn: str, *events: MailArrived | MailSent) -> None:
    """The same from outside of a loop."""

    async def run() -> None:
        database = await connect(dsn, name="tests", pool_size=1)
        await record(database, events)
        await database.close()

    asyncio.run(run())


def _topic(event: MailArrived | MailSent) -> str:
    return (MAIL_ARRIVED if event.direction == "incoming" else MAIL_SENT).name
