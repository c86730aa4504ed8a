"""Pages of erased events: their rows of the log keep ids, times and outcomes. A trigger does the same to later rows."""

from collections import deque
from collections.abc import Iterable

from runtime.kafka import CompactedReader
from runtime.postgres import Database
from runtime.queries import load_queries
from runtime.service import Process
from schemas.erased_pages import pages_of
from schemas.erasure import EventsErased
from schemas.versions import Keyed

_SQL = load_queries("services.audit.erasing")
FOLLOW_SECONDS = 0.5


class Erasures:
    """By any number of processes. Raises TransientError as runtime.postgres does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: deque[EventsErased] = deque()

    def take(self, records: Iterable[Keyed]) -> None:
        """Records of `automation-rules`, in order."""
        self._told += pages_of(records)

    async def step(self) -> bool:
        """The next page. False when there is none."""
        if not self._told:
            return False
        await self._apply(self._told[0])
        self._told.popleft()
        return True

    async def _apply(self, page: EventsErased) -> None:
        if await self._database.fetchval(_SQL["applied"], page.digest, page.page):
            return
        events = list(page.events)
        # Committed before the lock is asked for, so that whoever writes rows after it sees them.
        await self._database.execute(_SQL["note_events"], events, page.digest)
        async with self._database.transaction() as session:
            await session.execute(_SQL["limit"])
            await session.execute(_SQL["alone"])
            decisions = await session.execute(_SQL["empty_decisions"], events)
            executions = await session.execute(_SQL["empty_executions"], events)
            await session.execute(_SQL["note_page"], page.digest, page.page, decisions, executions)

    async def follow(self, process: Process, reader: CompactedReader) -> None:
        """Until the process stops."""

        async def look() -> float:
            if not await self.step():
                self.take(await reader.poll(FOLLOW_SECONDS))
            return 0.0

        await process.keep_looking("an erasure has to wait", look)
