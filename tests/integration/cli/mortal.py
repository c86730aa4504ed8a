"""A database whose process dies at a statement: before it has run, or once its transaction is committed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from runtime.postgres import Database, Row, Session


class DeathError(Exception):
    """The process dies here."""


class Life:
    """Counts down to the death."""

    def __init__(self, statements: int) -> None:
        self._left = statements

    def step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise DeathError


class MortalSession(Session):
    """Of such a process."""

    def __init__(self, inner: Session, life: Life) -> None:
        super().__init__(None)
        self._inner = inner
        self._life = life

    async def fetch(self, sql: str, *arguments: Any) -> list[Row]:
        self._life.step()
        return await self._inner.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Row | None:
        self._life.step()
        return await self._inner.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        self._life.step()
        return await self._inner.fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> int:
        self._life.step()
        return await self._inner.execute(sql, *arguments)


class MortalDatabase(Database):
    """All that a process does on a database, up to its death."""

    def __init__(self, inner: Database, statements: int) -> None:
        super().__init__(None)
        self._inner = inner
        self._life = Life(statements)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        async with self._inner.session() as session:
            yield MortalSession(session, self._life)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        async with self._inner.transaction() as session:
            yield MortalSession(session, self._life)
        self._life.step()
