"""Addresses are forgotten page by page: each page of the ledger in one transaction with the mark of how far it is."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import TypeAdapter

from runtime.kafka import Outgoing
from runtime.postgres import Database, Row, Session
from runtime.queries import load_queries
from schemas.envelope import encode
from schemas.erasure import MAX_EVENTS, ErasureKey, ErasureRequested, EventsErased
from schemas.mail import MailArrived, MailEvent, MailSent
from schemas.redaction import event_without_content
from schemas.topics import AUTOMATION_RULES
from services.ingest.erasing.matching import addresses_of, digest_among
from services.ingest.model import SOURCE

_SQL = load_queries("services.ingest.erasing")
_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)
PARTITION = 0
"""As all records of the topic."""


class Producer(Protocol):
    """What is needed of runtime.kafka.Producer."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Returns when all are acknowledged. Raises TransientError when any is not."""


class Erasures:
    """What ingest has to forget, by any number of processes. Raises TransientError as runtime.postgres does.

    `page`: events that one transaction looks at, and that one record tells of.
    """

    def __init__(self, database: Database, key: ErasureKey, page: int = MAX_EVENTS) -> None:
        self._database = database
        self._key = key
        self._page = page

    async def register(self, asked: ErasureRequested) -> bool:
        """From now on, mail that is recorded is looked at too. False when another key made the digest."""
        if asked.key_check != self._key.check:
            return False
        if not await self._database.fetchval(_SQL["known"], asked.digest, asked.requested_at):
            async with self._database.transaction() as session:
                await session.execute(_SQL["alone"])
                await session.execute(_SQL["register"], asked.digest, asked.key_check, asked.requested_at)
        return True

    async def step(self, producer: Producer) -> bool:
        """The next page of the ledger, or of what the others are told. False when there is nothing left to do."""
        return await self._walk() or await self._number() or await self._publish(producer)

    async def _walk(self) -> bool:
        async with self._database.transaction() as session:
            erasure = await session.fetchrow(_SQL["next"])
            if erasure is None:
                return False
            digest, counts = str(erasure["digest"]), Counter[str]()
            asked = {digest: erasure["requested_at"]}
            if not erasure["cursor"].int:
                counts["contact"] = await self._forget_contacts(session, asked)
            rows = await session.fetch(_SQL["events"], erasure["cursor"], self._page)
            if found := [row for row in rows if self._is_of(row, asked)]:
                counts += await _empty(session, found, digest)
            cursor, last = (rows[-1]["event_id"] if rows else erasure["cursor"]), len(rows) < self._page
            await session.execute(_SQL["move"], digest, cursor, last, list(counts.keys()), list(counts.values()))
        return True

    def _is_of(self, row: Row, asked: dict[str, datetime]) -> bool:
        return digest_among(addresses_of(row["value"]), self._key, asked, row["received_at"]) is not None

    async def _forget_contacts(self, session: Session, asked: dict[str, datetime]) -> int:
        ((digest, requested_at),) = asked.items()
        last, forgotten = "", 0
        while rows := await session.fetch(_SQL["addresses"], last, 10_000):
            last = rows[-1]["address"]
            mine = [row["address"] for row in rows if self._key.digest(row["address"]) == digest]
            forgotten += await session.execute(_SQL["forget_contacts"], mine, requested_at) if mine else 0
        return forgotten

    async def _number(self) -> bool:
        async with self._database.transaction() as session:
            digest = await session.fetchval(_SQL["unnumbered"])
            if digest is None:
                return False
            await session.execute(_SQL["number"], digest, min(self._page, MAX_EVENTS))
        return True

    async def _publish(self, producer: Producer) -> bool:
        rows = await self._database.fetch(_SQL["unpublished"])
        if not rows:
            return False
        await producer.send_all([_told(row) for row in rows])
        await self._database.execute(_SQL["mark"], [row["digest"] for row in rows], [row["page"] for row in rows])
        return True


async def publish_erased_again(database: Database) -> None:
    """Have all pages published once more: the broker has lost them."""
    await database.execute(_SQL["publish_again"])


async def _empty(session: Session, rows: Sequence[Row], digest: str) -> Counter[str]:
    """Replace what is published by what remains, and delete what only the content was for."""
    events = [row["event_id"] for row in rows]
    values = [event_without_content(_EVENT.validate_json(row["value"])).to_json() for row in rows]
    mailboxes = [row["mailbox"] for row in rows]
    counts = Counter[str]()
    for name, query, columns in (
        ("event", "empty_events", (events, values)),
        ("deferred", "forget_requests", (events,)),
        ("reference", "forget_references", (mailboxes, [row["message_id"] for row in rows])),
        ("subject_stem", "forget_stems", (mailboxes, [row["conversation"] for row in rows])),
    ):
        counts[name] += await session.execute(_SQL[query], *columns)
    await session.execute(_SQL["note_erased"], events, [digest] * len(events))
    return counts


def _told(row: Row) -> Outgoing:
    page = EventsErased(digest=row["digest"], page=row["page"], events=tuple(row["events"]))
    return Outgoing(AUTOMATION_RULES.name, *encode(page, SOURCE), partition=PARTITION)
