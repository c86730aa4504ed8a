"""The runs of backlogs in Postgres. A run's row is locked while its next events are published."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from runtime.postgres import Database, Row, Session
from runtime.queries import load_queries
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailEvent, MailSent
from schemas.registry import Direction
from services.ingest.backlog.rules import Wanted

SQL = load_queries("services.ingest.backlog")
_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)


class Recorded(NamedTuple):
    """An event of the ledger, with what Odoo answered late."""

    event_id: UUID
    received_at: datetime
    event: MailArrived | MailSent
    traceparent: str = ""


class Run:
    """A run that this transaction holds; two processes never publish the same events at once."""

    def __init__(self, session: Session, row: Row) -> None:
        self._session = session
        self._row = row
        self.run: str = row["run"]
        self.rule: str = row["rule_id"]
        self.started_at: datetime = row["started_at"]
        self.rate: float | None = row["rate"]
        self.requested_by: str = row["requested_by"]

    async def next(self, limit: int) -> list[Recorded]:
        """The events after its position, the earliest first."""
        row = self._row
        bounds = (row["mailbox"], row["direction"], row["begins_at"], row["recorded_until"])
        await self._session.execute(SQL["along_the_index"])
        after = (row["last_received_at"], row["last_event_id"])
        found = await self._session.fetch(SQL["page"], *bounds, *after, limit, row["ends_at"])
        return [
            Recorded(each["event_id"], each["received_at"], _event(each), each["traceparent"] or "") for each in found
        ]

    async def move(self, events: Sequence[Recorded], now: datetime) -> None:
        """These, at least one, are acknowledged. The next ones are due when the run's own rate allows."""
        last = (events[-1].received_at, events[-1].event_id)
        due = now + timedelta(seconds=len(events) / self.rate) if self.rate else None
        await self._session.execute(SQL["move"], self.run, self._row["mailbox"], *last, len(events), now, due)

    async def finish(self, now: datetime) -> None:
        """Nothing is left."""
        await self._session.execute(SQL["finish"], self.run, self._row["mailbox"], now)


class BacklogStore:
    """Raises TransientError and PermanentError as runtime.postgres does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, wanted: Wanted, now: datetime, settling: timedelta) -> None:
        """Once for each activation: one that was started before stays as it is, also when it has ended.

        `settling`: after that the first event is published, and what is recorded until then belongs to it.
        """
        facts = (wanted.run, wanted.mailbox, wanted.rule, wanted.direction, wanted.begins_at(now))
        await self._database.execute(SQL["start"], *facts, now, now + settling)

    async def cancel_others(self, mailboxes: Sequence[str], wanted: Sequence[Wanted], now: datetime) -> None:
        """End the runs of these mailboxes that no rule asks for any more."""
        await self._database.execute(SQL["cancel"], list(mailboxes), *_keys(wanted), now)

    @asynccontextmanager
    async def next_run(
        self, wanted: Sequence[Wanted], on: Collection[tuple[str, Direction]], now: datetime
    ) -> AsyncIterator[Run | None]:
        """One of these, or of those that somebody asked for on mail that is decided (`on`): by mailbox and direction.

        It is settled, due, not finished, and held by nobody else: the one that waited longest.
        """
        asked = ([mailbox for mailbox, _ in on], [direction for _, direction in on])
        async with self._database.transaction() as session:
            row = await session.fetchrow(SQL["next_run"], *_keys(wanted), now, *asked)
            yield Run(session, row) if row is not None else None

    async def left(self, mailboxes: Sequence[str]) -> dict[str, int]:
        """How many events of each mailbox are still to be published."""
        rows = await self._database.fetch(SQL["left"], list(mailboxes))
        return {row["mailbox"]: row["events"] for row in rows}


def _keys(wanted: Sequence[Wanted]) -> tuple[list[str], list[str]]:
    return [each.run for each in wanted], [each.mailbox for each in wanted]


def _event(row: Row) -> MailArrived | MailSent:
    if row["request"] is not None:
        return EvaluationRequested.model_validate_json(row["request"]).event
    return _EVENT.validate_json(row["value"])
