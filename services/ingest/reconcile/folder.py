"""One folder as its source lists it beside the ledger: which messages no row of it knows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date

from connectors.mailbox.port import MailboxConnection, Place
from runtime.clock import Clock
from runtime.postgres import Database
from runtime.queries import load_queries
from services.ingest.model import Feed
from services.ingest.prepare import storable

_SQL = load_queries("services.ingest.reconcile")
MOST = 10_000
"""Candidates that are kept until the folder is listed; those beyond are told at once."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A message without a row. `passed`: ingest has recorded one that comes after it."""

    place: Place
    passed: bool


@dataclass(slots=True)
class Folder:
    """Read-only. `settling`: seconds after which what ingest was just recording is there."""

    database: Database
    clock: Clock
    feed: Feed
    settling: float = 3.0
    listed: int = 0
    missing: int = 0

    async def compare(self, connection: MailboxConnection, since: date | None) -> AsyncIterator[Missing]:
        """Each message that is not recorded, once all is listed. Raises what `places` raises, and TransientError."""
        candidates: list[Missing] = []
        tail: list[Place] = []
        async with AsyncExitStack() as stack:
            pages = connection.places(self.feed.folder, since)
            if close := getattr(pages, "aclose", None):
                stack.push_async_callback(close)
            async for page in pages:
                self.listed += len(page)
                known = await self._known(page)
                for index, place in enumerate(page):
                    if index not in known:
                        tail.append(place)
                    elif tail:
                        candidates += [Missing(each, passed=True) for each in tail]
                        tail.clear()
                if len(candidates) + len(tail) > MOST:
                    for each in (*candidates, *(Missing(place, passed=False) for place in tail)):
                        yield self._counted(each)
                    candidates.clear()
                    tail.clear()
        candidates += [Missing(place, passed=False) for place in tail]
        async for each in self._still_missing(candidates):
            yield each

    async def gone(self) -> int:
        """How many places the ledger knows that were not listed; true after `compare` of the whole folder."""
        known = int(await self.database.fetchval(_SQL["count_places"], self.feed.mailbox, self.feed.folder))
        return max(0, known - (self.listed - self.missing))

    async def _still_missing(self, candidates: Sequence[Missing]) -> AsyncIterator[Missing]:
        if not candidates:
            return
        await self.clock.sleep(self.settling)
        for start in range(0, len(candidates), 500):
            page = candidates[start : start + 500]
            known = await self._known([each.place for each in page])
            for index, each in enumerate(page):
                if index not in known:
                    yield self._counted(each)

    def _counted(self, missing: Missing) -> Missing:
        self.missing += 1
        return missing

    async def _known(self, places: Sequence[Place]) -> set[int]:
        positions = [storable(place.position) for place in places]
        columns = [p.folder for p in positions], [p.uidvalidity for p in positions], [p.uid for p in positions]
        rows = await self.database.fetch(_SQL["known_places"], self.feed.mailbox, *columns)
        return {int(row["n"]) - 1 for row in rows}


async def rewind(database: Database, feed: Feed, before: str | None, clock: Clock) -> None:
    """Have ingest read the folder from there at its next look (None: from the beginning).

    What the ledger knows is not recorded again. A batch that ingest handles at this moment may move the cursor on; then
    nothing was changed, and the same call may be made again.
    """
    if before is None:
        await database.execute(_SQL["begin_again"], feed.mailbox, feed.folder)
    else:
        await database.execute(_SQL["rewind"], feed.mailbox, feed.folder, before, clock.now())
