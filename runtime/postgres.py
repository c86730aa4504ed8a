"""Postgres: a bounded pool, a time-out on every statement, and driver errors translated once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg

from runtime.errors import InvalidInputError, PermanentError, TargetDownError, TransientError

STATEMENT_SECONDS = 30.0
CONNECT_SECONDS = 5.0
LISTEN_SECONDS = 10.0
"""Between two looks whether a connection that listens is still there."""
Row = Mapping[str, Any]
"""A row: columns by name, as asyncpg gives them."""

_DOWN = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:  # before _DOWN: a TimeoutError is an OSError, but the server may only be slow
        raise TransientError("Postgres: a statement took too long", code="postgres-busy") from error
    except _DOWN as error:
        raise TargetDownError(f"Postgres cannot be used: {_brief(error)}", code="postgres-down") from error
    except _AGAIN as error:  # after _DOWN: it holds the bases of some of those
        raise TransientError(f"Postgres: {type(error).__name__}", code="postgres-busy") from error
    except asyncpg.PostgresError as error:
        raise PermanentError(f"Postgres refused a statement: {_brief(error)}", code="postgres-refused") from error


def _brief(error: BaseException) -> str:
    """The error's kind and its first line, never a value: data errors quote one there, all others in later lines."""
    first = "" if isinstance(error, asyncpg.DataError) else str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first[:200]}" if first else type(error).__name__


class Session:
    """One connection, in a transaction or not."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *arguments: Any) -> list[Row]:
        """All rows."""
        with _translated():
            rows: list[Row] = await self._connection.fetch(sql, *arguments, timeout=STATEMENT_SECONDS)
            return rows

    async def fetchrow(self, sql: str, *arguments: Any) -> Row | None:
        """The first row, or None."""
        with _translated():
            row: Row | None = await self._connection.fetchrow(sql, *arguments, timeout=STATEMENT_SECONDS)
            return row

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row, or None."""
        with _translated():
            return await self._connection.fetchval(sql, *arguments, timeout=STATEMENT_SECONDS)

    async def execute(self, sql: str, *arguments: Any) -> int:
        """Run a statement (several only without arguments); returns how many rows it touched, as its tag says."""
        with _translated():
            tag: str = await self._connection.execute(sql, *arguments, timeout=STATEMENT_SECONDS)
        count = tag.rsplit(" ", 1)[-1]  # "INSERT 0 5", "UPDATE 5"; of others, such as "CREATE TABLE", there is none
        return int(count) if count.isdigit() else 0


class Database:
    """A pool. Make it with `connect`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with _translated():
            connection = await self._pool.acquire(timeout=STATEMENT_SECONDS)
        try:
            yield connection
        finally:
            # An open transaction is rolled back. Where that fails, the pool drops the connection; what was committed
            # stays committed, and an error here would say the opposite.
            with suppress(TransientError), _translated():
                await self._pool.release(connection)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A connection without a transaction: each statement stands alone. The caller's own errors pass unchanged."""
        async with self._connection() as connection:
            yield Session(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A connection in one transaction: all or nothing. The caller's own errors pass unchanged."""
        async with self._connection() as connection:
            transaction = connection.transaction()
            with _translated():
                await transaction.start()
            try:
                yield Session(connection)
            except BaseException:
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # the first error counts
                    await transaction.rollback()
                raise
            with _translated():
                await transaction.commit()

    async def fetch(self, sql: str, *arguments: Any) -> list[Row]:
        """All rows of one statement."""
        async with self.session() as session:
            return await session.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Row | None:
        """The first row of one statement, or None."""
        async with self.session() as session:
            return await session.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """One value, or None."""
        async with self.session() as session:
            return await session.fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> int:
        """Run one statement; returns how many rows it touched."""
        async with self.session() as session:
            return await session.execute(sql, *arguments)

    async def notify(self, channel: str, payloads: Sequence[str]) -> None:
        """Tell these to whoever listens now, wherever they are."""
        await self.execute("SELECT pg_notify($1, told) FROM unnest($2::text[]) AS told", channel, list(payloads))

    async def listen(self, channel: str, heard: Callable[[str], None]) -> None:
        """Hand on what is told, on a connection of the pool, until cancelled. Raises TransientError when it breaks."""

        def take(_connection: Any, _process: int, _channel: str, payload: str) -> None:
            heard(payload)

        async with self._connection() as connection:
            with _translated():
                await connection.add_listener(channel, take)
            try:
                while True:
                    await asyncio.sleep(LISTEN_SECONDS)
                    with _translated():  # nothing else would notice that the server is gone
                        await connection.fetchval("SELECT 1", timeout=CONNECT_SECONDS)
            finally:
                with suppress(TransientError, PermanentError), _translated():
                    await connection.remove_listener(channel, take)

    async def close(self) -> None:
        """Close every connection; those still busy are cut after a few seconds."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def _as_it_is(connection: Any) -> None:
    """What a session may leave behind when it is given back: nothing of ours sets, locks or listens for longer than a
    transaction, which the pool ends by itself, so asking the server to forget would only cost a round trip.
    """
    del connection


async def connect(dsn: str, *, name: str, pool_size: int = 8) -> Database:
    """Open a pool.

    Raises TargetDownError when the server cannot be reached or refuses, InvalidInputError when the URI is malformed.
    """
    try:
        with _translated():
            async with asyncio.timeout(CONNECT_SECONDS * 2):
                pool = await asyncpg.create_pool(
                    dsn,
                    min_size=1,
                    max_size=pool_size,
                    timeout=CONNECT_SECONDS,
                    command_timeout=STATEMENT_SECONDS,
                    reset=_as_it_is,
                    server_settings={"application_name": f"maildesk-{name}", "TimeZone": "UTC"},
                )
    except ValueError:  # not chained: its text may quote the password
        raise InvalidInputError("MAILDESK_POSTGRES_DSN is no Postgres URI (postgresql://USER@HOST:PORT/NAME)") from None
    except TransientError as error:
        if isinstance(error.__cause__, TimeoutError):
            raise TargetDownError("Postgres does not answer", code="postgres-down") from error
        raise
    return Database(pool)
