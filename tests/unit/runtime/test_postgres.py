"""Postgres' errors as ours; the behaviour on a server is in tests/integration."""

from typing import Any

import asyncpg
import pytest

from runtime.errors import InvalidInputError, MaildeskError, PermanentError, TargetDownError, TransientError
from runtime.postgres import Database, _translated, connect


@pytest.mark.parametrize(
    ("raised", "kind", "code"),
    [
        (ConnectionRefusedError(), TargetDownError, "postgres-down"),
        (asyncpg.ConnectionDoesNotExistError("x"), TargetDownError, "postgres-down"),
        (asyncpg.InterfaceError("connection is closed"), TargetDownError, "postgres-down"),
        (asyncpg.CannotConnectNowError("x"), TargetDownError, "postgres-down"),
        (asyncpg.AdminShutdownError("x"), TargetDownError, "postgres-down"),
        (asyncpg.CrashShutdownError("x"), TargetDownError, "postgres-down"),
        (asyncpg.TooManyConnectionsError("x"), TargetDownError, "postgres-down"),
        (asyncpg.InvalidPasswordError("x"), TargetDownError, "postgres-down"),
        (TimeoutError(), TransientError, "postgres-busy"),
        (asyncpg.SerializationError("x"), TransientError, "postgres-busy"),
        (asyncpg.DeadlockDetectedError("x"), TransientError, "postgres-busy"),
        (asyncpg.QueryCanceledError("x"), TransientError, "postgres-busy"),
        (asyncpg.DiskFullError("x"), TransientError, "postgres-busy"),
        (asyncpg.UniqueViolationError("x"), PermanentError, "postgres-refused"),
        (asyncpg.PostgresSyntaxError("x"), PermanentError, "postgres-refused"),
        (asyncpg.DataError("x"), PermanentError, "postgres-refused"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_are_translated(raised: Exception, kind: type[MaildeskError], code: str) -> None:
    with pytest.raises(MaildeskError) as caught, _translated():
        raise raised
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert caught.value.__cause__ is raised


def test_values_are_never_quoted() -> None:
    error = asyncpg.DataError("invalid input for query argument $1: 'Dear Sir' (an integer is required)")
    with pytest.raises(PermanentError) as caught, _translated():
        raise error
    assert "Dear Sir" not in caught.value.text
    assert "DataError" in caught.value.text


async def test_no_server_is_a_target_that_is_down() -> None:
    with pytest.raises(TargetDownError, match="ConnectionRefusedError"):
        await connect("postgresql://u:hunter2@127.0.0.1:1/x", name="test")


async def test_a_malformed_uri_names_the_setting_and_hides_the_password() -> None:
    with pytest.raises(InvalidInputError, match="MAILDESK_POSTGRES_DSN") as caught:
        await connect("postgresql://u:hunter2@127.0.0.1:port/x", name="test")
    assert "hunter2" not in caught.value.text


class DyingConnection:
    """Answers until the commit; nothing after it."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def transaction(self) -> "DyingConnection":
        return self

    async def start(self) -> None:
        self.heard.append("begin")

    async def commit(self) -> None:
        self.heard.append("commit")

    async def fetchval(self, sql: str, **_: Any) -> int:
        self.heard.append(sql)
        return 1


class DyingPool:
    """The server dies between the answer to a commit and the connection's way back."""

    def __init__(self) -> None:
        self.connection = DyingConnection()

    async def acquire(self, **_: Any) -> DyingConnection:
        return self.connection

    async def release(self, _: DyingConnection) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


async def test_what_is_committed_counts_although_the_connection_cannot_be_given_back() -> None:
    pool = DyingPool()
    database = Database(pool)
    async with database.transaction() as session:
        assert await session.fetchval("SELECT 1") == 1
    assert pool.connection.heard == ["begin", "SELECT 1", "commit"]
    assert await database.fetchval("SELECT 2") == 1


async def test_the_first_error_is_the_one_that_is_told() -> None:
    with pytest.raises(PermanentError, match="first"):
        async with Database(DyingPool()).session():
            raise PermanentError("first")
