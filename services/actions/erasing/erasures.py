"""Pages of erased events: what is there of them is marked at once, and emptied as soon as nobody is at it.

A command that is marked never acts again; the engine ends it as it ends a step that must not act.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from runtime.postgres import Database, Row, Session
from runtime.queries import load_queries
from schemas.command import ActionCommand
from schemas.erased_pages import pages_of
from schemas.erasure import EventsErased
from schemas.redaction import command_without_content, produced_without_content
from schemas.result import Produced
from schemas.versions import Keyed
from services.actions.erasing.outbox import emptied

_SQL = load_queries("services.actions.erasing")
PAGE = 200


class Erasures:
    """By any number of processes. Raises TransientError as runtime.postgres does. `page`: commands at once."""

    def __init__(self, database: Database, page: int = PAGE) -> None:
        self._database = database
        self._page = page
        self._told: deque[EventsErased] = deque()

    def take(self, records: Iterable[Keyed]) -> None:
        """Records of `automation-rules`, in order."""
        self._told += pages_of(records)

    async def step(self) -> bool:
        """The next page of events, or of commands. False when there is nothing left that can be done now."""
        if self._told:
            await self._mark(self._told[0])
            self._told.popleft()
            return True
        return await self._empty()

    async def _mark(self, page: EventsErased) -> None:
        if await self._database.fetchval(_SQL["applied"], page.digest, page.page):
            return
        events = list(page.events)
        # Committed before the lock is asked for, so that whoever writes commands down after it sees them.
        await self._database.execute(_SQL["note_events"], events, page.digest)
        async with self._database.transaction() as session:
            await session.execute(_SQL["limit"])
            await session.execute(_SQL["alone"])
            await session.execute(_SQL["make_due"], events)
            forgotten = await session.execute(_SQL["forget_placements"], events)
            await session.execute(_SQL["note_page"], page.digest, page.page, forgotten)

    async def _empty(self) -> bool:
        async with self._database.transaction() as session:
            rows = await session.fetch(_SQL["due"], self._page)
            for digest in sorted({str(row["digest"]) for row in rows}):
                await _empty_commands(session, [row for row in rows if row["digest"] == digest], digest)
        return bool(rows)


async def _empty_commands(session: Session, rows: Sequence[Row], digest: str) -> None:
    ids = [row["command_id"] for row in rows]
    payloads = [command_without_content(ActionCommand.model_validate_json(row["payload"])).to_json() for row in rows]
    results = [_result(row["result"]) for row in rows]
    await session.execute(_SQL["empty_commands"], ids, payloads, results)
    counts = Counter(command=len(rows))
    counts["placement"] += await session.execute(_SQL["forget_placements"], [row["event_id"] for row in rows])
    counts["claim"] += await session.execute(_SQL["empty_claims"], ids)
    counts["outbox"] += await session.execute(_SQL["forget_published"], ids)
    counts["outbox"] += await _empty_outbox(session, await session.fetch(_SQL["unpublished"], ids))
    await session.execute(_SQL["count"], digest, list(counts.keys()), list(counts.values()))


async def _empty_outbox(session: Session, rows: Sequence[Row]) -> int:
    """What the broker has not got yet: dead letters go, the rest is published without content."""
    values = {row["id"]: emptied(row["value"], row["headers"]) for row in rows}
    kept = {number: value for number, value in values.items() if value is not None}
    await session.execute(_SQL["empty_outbox"], list(kept.keys()), list(kept.values()))
    await session.execute(_SQL["forget_outbox"], [number for number, value in values.items() if value is None])
    return len(rows)


def _result(produced: str | None) -> str | None:
    if produced is None:
        return None
    return produced_without_content(Produced.model_validate_json(produced)).model_dump_json()
