"""The book of replies in Postgres. One statement counts, on the database's clock; a cap that is reached undoes it."""

from datetime import timedelta
from uuid import UUID

from runtime.postgres import Database
from runtime.queries import load_queries
from services.actions.replies.caps import Cap, cap_reached

SQL = load_queries("services.actions.replies")


class PostgresReplyBook:
    """See caps.ReplyBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(self, command: UUID, mailbox: str, caps: list[Cap]) -> None:
        subjects, seconds, most = ([cap[column] for cap in caps] for column in range(3))
        async with self._database.transaction() as session:
            reached = await session.fetch(SQL["admit"], command, mailbox, subjects, seconds, most)
            if reached:
                # Raised inside, so that what was counted is undone.
                raise cap_reached(Cap(reached[0]["subject"], reached[0]["seconds"], reached[0]["cap"]))

    async def note_taken(self, command: UUID) -> None:
        await self._database.execute(SQL["note_taken"], command)

    async def was_taken(self, command: UUID) -> bool:
        return bool(await self._database.fetchval(SQL["was_taken"], command))

    async def purge(self, older: timedelta) -> None:
        """Forget counts of slots that are over for a day, and replies older than that."""
        await self._database.execute(SQL["purge"], older)
