"""What the ledger of one mailbox has, told in pages, for those who compare it with what was decided."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from runtime.postgres import Database
from runtime.queries import load_queries

_SQL = load_queries("services.ingest.reconcile")
PAGE = 1_000
MOST = 10_000
"""Of what is not published."""


class Published(NamedTuple):
    """An event that the broker has. `facts_published_at`: when the rest of its evaluation was asked for."""

    event_id: UUID
    content_uri: str
    received_at: datetime
    recorded_at: datetime
    published_at: datetime
    facts_published_at: datetime | None


class Unpublished(NamedTuple):
    """A record that waits for the broker: an event, a dead letter, or what Odoo answered late."""

    kind: str
    id: str
    content_uri: str
    since: datetime


async def unpublished(database: Database, mailbox: str, before: datetime) -> list[Unpublished]:
    """What was recorded before that moment and is not published; at most MOST, the oldest first."""
    rows = await database.fetch(_SQL["unpublished"], mailbox, before, MOST)
    return [Unpublished(*row.values()) for row in rows]


async def published(
    database: Database, mailbox: str, since: datetime, page: int = PAGE
) -> AsyncIterator[Sequence[Published]]:
    """The events that were received at `since` or later, the earliest first."""
    after: tuple[datetime | None, UUID | None] = (None, None)
    while True:
        async with database.transaction() as session:
            await session.execute(_SQL["along_the_index"])
            rows = await session.fetch(_SQL["published_page"], mailbox, since, *after, page)
        if not rows:
            return
        yield [Published(*row.values()) for row in rows]
        after = (rows[-1]["received_at"], rows[-1]["event_id"])


async def dead_letters(database: Database, mailbox: str, since: datetime) -> int:
    """How many messages that could not be used were recorded at `since` or later."""
    return int(await database.fetchval(_SQL["dead_letters"], mailbox, since))
