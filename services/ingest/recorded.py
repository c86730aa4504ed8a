"""The mail of the ledger, mailbox by mailbox, the newest first, a page at a time: any number in bounded memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from runtime.postgres import Database, Row
from runtime.queries import load_queries

_SQL = load_queries("services.ingest")
PAGE = 200
"""Events held at once. One is at most 256 KB (schemas/mail.py)."""


class Recorded(NamedTuple):
    """An event as it was published.

    `value`: its bytes. `request`: those of the EvaluationRequested that repeats it with what Odoo answered late; None
    for most.
    """

    event_id: UUID
    mailbox: str
    received_at: datetime
    value: bytes
    request: bytes | None = None


async def count_recorded(database: Database, mailboxes: Sequence[str], since: datetime) -> int:
    """How many events these mailboxes have that were received at `since` or later."""
    return int(await database.fetchval(_SQL["count_recorded"], list(mailboxes), since))


async def recorded(
    database: Database, mailboxes: Sequence[str], since: datetime, page: int = PAGE
) -> AsyncIterator[Sequence[Recorded]]:
    """Their events in pages. No statement stays open between them; mail that arrives meanwhile may be left out."""
    for mailbox in mailboxes:
        last: Row | None = None
        while rows := await _before(database, mailbox, since, last, page):
            yield [Recorded(row["event_id"], mailbox, row["received_at"], row["value"], row["request"]) for row in rows]
            last = rows[-1]


async def _before(database: Database, mailbox: str, since: datetime, last: Row | None, page: int) -> list[Row]:
    after = (last["received_at"], last["event_id"]) if last else (None, None)
    async with database.transaction() as session:
        await session.execute(_SQL["along_the_index"])
        return await session.fetch(_SQL["recorded_before"], mailbox, since, *after, page)
