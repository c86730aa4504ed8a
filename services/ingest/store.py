"""The ledger in Postgres: batched statements of `queries.sql`; each batch of mail is recorded in one transaction."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from connectors.mailbox.port import Position
from runtime.kafka import Outgoing
from runtime.postgres import Database, Row, Session
from runtime.queries import load_queries
from schemas.erasure import ErasureKey
from schemas.mail import ContentReference, Original
from services.ingest.conversations import Knowledge, named_contacts, named_ids, named_stems
from services.ingest.erasing.late import in_force, late_ones, note_erased
from services.ingest.events import Event
from services.ingest.model import Feed, Pending, Prepared
from services.ingest.shards.fences import Fences, LeaseLostError
from services.ingest.threads import may_be_guessed

SQL = load_queries("services.ingest")
TOUCH_EVERY = timedelta(minutes=10)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""How exact `last_seen_at` is: sources that list everything at each pass would rewrite every row each time."""
UNPUBLISHED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A place and what the message there gave: an event, a duplicate of one, or a dead letter."""

    position: Position
    outcome: str
    event_id: UUID | None = None
    dead_letter_id: str | None = None


@dataclass(frozen=True, slots=True)
class Buried:
    """A dead letter and its record."""

    dead_letter_id: str
    code: str
    uri: str
    outgoing: Outgoing


class Unit:
    """One transaction that holds the lock of one mailbox, so that concurrent readers decide one after the other."""

    def __init__(self, session: Session, mailbox: str, now: datetime, key: ErasureKey | None = None) -> None:
        self._session = session
        self._mailbox = mailbox
        self._now = now
        self._key = key

    async def late(self, mails: Sequence[Prepared]) -> dict[UUID, str]:
        """Those of them that are to have no content, since an address of theirs was erased, with its digest.

        Raises TransientError where the key is missing that addresses were erased with.
        """
        asked = await in_force(self._session, self._key)
        return late_ones(mails, self._key, asked, self._now) if asked and self._key is not None else {}

    async def insert_erased(self, events: Mapping[UUID, str]) -> None:
        """Have the other services told that these events have no content."""
        if events:
            await note_erased(self._session, events)

    async def existing(self, events: Sequence[UUID]) -> set[UUID]:
        """Which of these events the ledger has."""
        return {row["event_id"] for row in await self._session.fetch(SQL["existing_events"], list(events))}

    async def knowledge(self, feed: Feed, fresh: Sequence[Prepared]) -> Knowledge:
        """What the ledger knows of all that these mails name."""
        names = list({name for mail in fresh for name in named_ids(mail)})
        people = list({address for mail in fresh for address in named_contacts(mail, feed)})
        conversations = await self._fetch("conversations", names)
        known = {row["message_id"]: row["conversation"] for row in conversations}
        answered = await self._fetch("answered", list(set(known.values())))
        originals = await self._fetch("originals", names) if feed.direction == "outgoing" else []
        asked = {key for mail in fresh if may_be_guessed(mail.mail) for key in named_stems(mail, feed)}
        stems: dict[UUID, dict[UUID, datetime]] = {}
        for row in await self._fetch("stems", list(asked)):
            stems.setdefault(row["stem"], {})[row["conversation"]] = row["last_at"]
        return Knowledge(
            conversations=known,
            contacts={row["address"] for row in await self._fetch("contacts", people)},
            answered={row["conversation"] for row in answered},
            originals={row["message_id"]: _original(row) for row in originals},
            stems=stems,
            now=self._now,
        )

    async def insert_events(self, events: Sequence[tuple[Event, Outgoing]]) -> None:
        """Record fresh events with the bytes that will be published, in this order."""
        rows = [
            (
                e.event_id,
                e.direction,
                e.conversation,
                e.message_id,
                *wire(o),
                e.content.uri,
                e.content.digest,
                e.content.header_digest,
                e.content.size,
                e.received_at,
            )
            for e, o in events
        ]
        await self._insert("insert_events", rows, self._now)

    async def insert_deferred(self, events: Sequence[tuple[Event, Outgoing]]) -> None:
        """Remember which of these events wait for facts."""
        waiting = [(e.event_id, " ".join(e.odoo.missing)) for e, _ in events if e.odoo is not None and e.odoo.missing]
        await self._insert("insert_deferred", waiting, self._now)

    async def insert_dead_letters(self, buried: Sequence[Buried]) -> None:
        """Record dead letters; one that was recorded before keeps its first bytes."""
        rows = [(b.dead_letter_id, b.code, *wire(b.outgoing), b.uri) for b in buried]
        await self._insert("insert_dead_letters", rows, self._now)

    async def insert_items(self, items: Sequence[Item]) -> None:
        """Record places; one that another reader recorded meanwhile stays as it is."""
        rows = [(*_place(item.position), item.outcome, item.event_id, item.dead_letter_id) for item in items]
        await self._insert("insert_items", rows, self._now)

    async def learn(self, knowledge: Knowledge) -> None:
        """Write back what a batch taught."""
        await self._insert("insert_references", list(knowledge.learnt_references.items()))
        await self._insert("insert_contacts", [(address,) for address in knowledge.learnt_contacts], self._now)
        stems = [(stem, conversation, at) for (stem, conversation), at in knowledge.learnt_stems.items()]
        if stems:
            await self._session.execute(SQL["forget_stems"], self._mailbox, self._now)
        await self._insert("insert_stems", stems, self._now)
        await self._insert("insert_answered", [(conversation,) for conversation in knowledge.learnt_answered])

    async def _fetch(self, query: str, values: list[Any]) -> list[Row]:
        return await self._session.fetch(SQL[query], self._mailbox, values) if values else []

    async def _insert(self, query: str, rows: Sequence[tuple[Any, ...]], *more: Any) -> None:
        if rows:
            await self._session.execute(SQL[query], self._mailbox, *map(list, zip(*rows, strict=True)), *more)


class Ledger:
    """What ingest remembers. Raises TransientError and PermanentError as runtime.postgres does.

    `started`: when this process began; what it sees again for the first time is recorded as seen. `fences`: what it may
    record; without, it is alone. `key`: what tells mail of addresses that were erased.
    """

    def __init__(
        self,
        database: Database,
        started: datetime = NEVER,
        fences: Fences | None = None,
        key: ErasureKey | None = None,
    ) -> None:
        self._database = database
        self._key = key
        self._started = started
        self._fences = fences

    @asynccontextmanager
    async def unit(self, mailbox: str, now: datetime) -> AsyncIterator[Unit]:
        """A transaction under the mailbox's lock. Raises LeaseLostError when another process has taken over."""
        async with self._database.transaction() as session:
            await session.execute(SQL["lock_mailbox"], mailbox)
            if self._fences and not await session.fetchval(SQL["held"], mailbox, *self._fences.of(mailbox)):
                raise LeaseLostError(f"mailbox {mailbox} is read by another process now")
            yield Unit(session, mailbox, now, self._key)

    async def known(self, mailbox: str, positions: Sequence[Position], now: datetime) -> set[int]:
        """Indexes of the places that are recorded; they count as seen again now, to within TOUCH_EVERY."""
        if not positions:
            return set()
        rows = await self._database.fetch(SQL["known_places"], mailbox, *_places(positions))
        known = {int(row["n"]) - 1 for row in rows}
        if known:
            again = _places([positions[n] for n in sorted(known)])
            await self._database.execute(SQL["touch"], mailbox, *again, now, TOUCH_EVERY, self._started)
        return known

    async def recorded(self, events: Sequence[UUID]) -> set[UUID]:
        """Which of these events are there already; others may come at any time, unlike in a unit."""
        return {row["event_id"] for row in await self._database.fetch(SQL["existing_events"], list(events))}

    async def cursor(self, feed: Feed) -> str | None:
        """Up to where the folder was read and published."""
        cursor: str | None = await self._database.fetchval(SQL["cursor"], feed.mailbox, feed.folder)
        return cursor

    async def unpublished(self, mailbox: str) -> list[Pending]:
        """What the broker has not acknowledged, oldest first; at most 200 of each kind."""
        rows = await self._database.fetch(SQL["unpublished"], mailbox, UNPUBLISHED_AT_ONCE)
        return [pending_of(row) for row in rows]

    async def mark_published(self, pending: Sequence[Pending], now: datetime) -> None:
        """All of these are acknowledged. What is not marked when this fails is published again."""
        events = [p.event_id for p in pending if p.event_id is not None]
        letters = [p.dead_letter_id for p in pending if p.dead_letter_id is not None]
        if events:
            await self._database.execute(SQL["mark_events"], events, now)
        if letters:
            await self._database.execute(SQL["mark_dead_letters"], letters, now)

    async def move_cursor(self, feed: Feed, cursor: str, now: datetime) -> None:
        """Everything before `cursor` is published. Where another process has taken over, its cursor stays."""
        fence = self._fences.of(feed.mailbox) if self._fences else (None, None)
        await self._database.execute(SQL["move_cursor"], feed.mailbox, feed.folder, cursor, now, *fence)


async def publish_again(database: Database, events: Sequence[UUID]) -> None:
    """Have these events published once more, with the same bytes: the broker has lost them."""
    await database.execute(SQL["publish_again"], list(events))


def _place(position: Position) -> tuple[str, str, str]:
    return position.folder, position.uidvalidity, position.uid


def _places(positions: Sequence[Position]) -> tuple[list[str], list[str], list[str]]:
    return [p.folder for p in positions], [p.uidvalidity for p in positions], [p.uid for p in positions]


def wire(outgoing: Outgoing) -> tuple[str, bytes, bytes | None, str]:
    """A record as the columns topic, key, value and headers."""
    headers = [[name, value.decode()] for name, value in outgoing.headers]
    return outgoing.topic, outgoing.key, outgoing.value, json.dumps(headers)


def pending_of(row: Row) -> Pending:
    """The record that such columns hold."""
    headers = [(name, value.encode()) for name, value in json.loads(row["headers"])]
    outgoing = Outgoing(row["topic"], row["key"], row["value"], headers)
    return Pending(outgoing, row["recorded_at"], row["event_id"], row["dead_letter_id"])


def _original(row: Row) -> Original:
    return Original(
        event_id=row["event_id"],
        message_id=row["message_id"],
        content=ContentReference(
            uri=row["content_uri"],
            digest=row["content_digest"],
            header_digest=row["content_header_digest"],
            size=row["content_size"],
        ),
    )
