"""The log's tables. Writing the same entries again changes nothing."""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from uuid import UUID

from runtime.errors import MaildeskError
from runtime.postgres import Database, Session
from runtime.queries import Queries, load_queries
from services.audit.entry import Entry, Expected, Kind, newest
from services.audit.refusal import judged

PARENTS = ("decision", "execution")
_STATEMENTS: dict[Kind, str] = {"decision": "insert_decisions", "execution": "insert_executions"}


class AuditStore:
    """Reads and writes the schema `audit`."""

    def __init__(self, database: Database, queries: Queries | None = None) -> None:
        self._database = database
        self._queries = queries or load_queries("services.audit")

    async def write(self, entries: Sequence[Entry]) -> dict[Kind, int]:
        """Write all or nothing; returns the rows inserted or replaced by kind.

        Raises RecordRefusedError when an entry is to blame, TransientError otherwise.
        """
        try:
            async with self._database.transaction() as session:
                counts = {kind: await self._write_kind(session, kind, entries) for kind in _STATEMENTS}
                await self._expect(session, [expected for entry in entries for expected in entry.expects])
            await self._settle(entries)
        except MaildeskError as error:
            raise judged(error) from error
        return counts

    async def _write_kind(self, session: Session, kind: Kind, entries: Sequence[Entry]) -> int:
        rows = [entry.values for entry in newest([entry for entry in entries if entry.kind == kind])]
        if not rows:
            return 0
        return await session.execute(self._queries[_STATEMENTS[kind]], *map(list, zip(*rows, strict=True)))

    async def _expect(self, session: Session, announced: Sequence[Expected]) -> None:
        rows = sorted({(e.command_id, e.run_at, e.decision_id, e.event_id, e.mailbox, e.run) for e in announced})
        if rows:
            await session.execute(self._queries["insert_expected"], *map(list, zip(*rows, strict=True)))

    async def _settle(self, entries: Sequence[Entry]) -> None:
        """Strike off what is final. After the commit: of a decision and a result that are written at the same moment
        by two processes, neither sees the other before, and the later one sees both now.
        """
        final = {entry.row_id for entry in entries if entry.final}
        ids: set[UUID] = final | {expected.command_id for entry in entries for expected in entry.expects}
        if ids:
            await self._database.execute(self._queries["settle"], sorted(ids, key=attrgetter("int")))

    async def make_month(self, month: date) -> list[str]:
        """Make the partitions of a month where they are missing; returns the tables that got one."""
        return [
            parent for parent in PARENTS if await self._database.fetchval(self._queries["make_month"], parent, month)
        ]

    async def drop_months(self, before: date) -> list[str]:
        """Drop everything of the months before; returns the names of the partitions dropped."""
        return list(await self._database.fetchval(self._queries["drop_months"], before))

    async def set_links(self, mail: str, trace: str) -> None:
        """How the views make the links of a row; an empty template makes none."""
        await self._database.execute(self._queries["set_links"], mail, trace)

    async def default_rows(self) -> int:
        """Rows in the default partitions: of months that no clock should show."""
        return int(await self._database.fetchval(self._queries["default_rows"]))
