"""The events that wait for Odoo, and the requests that end their waiting: frozen in Postgres before they are sent."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from runtime.kafka import Outgoing
from runtime.postgres import Database
from schemas.envelope import TRACE_HEADERS
from schemas.facts import FactSubject
from schemas.mail import MailArrived, MailEvent, MailSent
from services.ingest.model import Pending
from services.ingest.store import SQL, pending_of, wire

log = logging.getLogger(__name__)
_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)


@dataclass(frozen=True, slots=True)
class Waiter:
    """An event that was published without facts. `trace`: the headers that continue its trace."""

    event: MailArrived | MailSent
    subjects: tuple[FactSubject, ...]
    trace: dict[str, str]


class Waiting:
    """Raises TransientError and PermanentError as runtime.postgres does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next(self, mailboxes: Sequence[str], limit: int) -> list[Waiter]:
        """Those that were tried least, oldest first. Their events are published already."""
        rows = await self._database.fetch(SQL["waiting"], list(mailboxes), limit)
        found: list[Waiter] = []
        for row in rows:
            trace = {name: value for name, value in json.loads(row["headers"]) if name in TRACE_HEADERS}
            try:
                found.append(Waiter(_EVENT.validate_json(row["value"]), tuple(row["subjects"]), trace))
            except ValidationError as error:
                # a program that is too old for one event goes on with the others
                log.warning(
                    "an event that waits for facts cannot be read",
                    extra={"event": str(row["event_id"]), "problems": error.error_count()},
                )
                await self.tried([row["event_id"]])
        return found

    async def tried(self, events: Sequence[UUID]) -> None:
        """Odoo did not answer for these: others come before them next time."""
        await self._database.execute(SQL["tried"], list(events))

    async def answer(self, requests: Sequence[tuple[UUID, Outgoing]], now: datetime) -> None:
        """Freeze the requests; one that another process froze first stays as it is."""
        rows = [(event, *wire(outgoing)) for event, outgoing in requests]
        await self._database.execute(SQL["answer"], *map(list, zip(*rows, strict=True)), now)

    async def unpublished(self, mailboxes: Sequence[str], limit: int) -> list[Pending]:
        """Frozen requests that the broker has not acknowledged, oldest first."""
        rows = await self._database.fetch(SQL["unpublished_requests"], list(mailboxes), limit)
        return [pending_of(row) for row in rows]

    async def mark_published(self, events: Sequence[UUID], now: datetime) -> None:
        """The requests of these events are acknowledged."""
        await self._database.execute(SQL["mark_requests"], list(events), now)

    async def count(self) -> dict[str, int]:
        """How many events of each mailbox wait for Odoo or for the broker."""
        rows = await self._database.fetch(SQL["count_waiting"])
        return {row["mailbox"]: row["events"] for row in rows}


async def publish_requests_again(database: Database, events: Sequence[UUID]) -> None:
    """Have the requests of these events published once more, with the same bytes: the broker has lost them."""
    await database.execute(SQL["publish_requests_again"], list(events))
