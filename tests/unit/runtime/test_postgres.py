"""Postgres' errors as ours; the behaviour on a server is in tests/integration."""

import asyncpg
import pytest

from runtime.errors import InvalidInputError, MaildeskError, PermanentError, TargetDownError, TransientError
from runtime.postgres import _translated, connect


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
