import pytest

from runtime.errors import MaildeskError, PermanentError, TargetDownError, TransientError
from services.audit.refusal import RecordRefusedError, judged


class StateError(Exception):
    """A driver's error with a state of PostgreSQL."""

    def __init__(self, sqlstate: str, constraint_name: str | None = "ours") -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate
        self.constraint_name = constraint_name


def caused(error: MaildeskError, cause: Exception) -> MaildeskError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("state", ["22P05", "23514", "54000", "P0001"])
def test_the_record_is_to_blame(state: str) -> None:
    assert isinstance(judged(caused(PermanentError("no"), StateError(state))), RecordRefusedError)


@pytest.mark.parametrize("state", ["42501", "42P01", "25006", "XX000", "0A000"])
def test_the_database_is_to_blame(state: str) -> None:
    error = judged(caused(PermanentError("no"), StateError(state)))
    assert isinstance(error, TransientError)


def test_a_partition_that_was_made_meanwhile_is_nobodys_fault() -> None:
    error = judged(caused(PermanentError("no"), StateError("23514", constraint_name=None)))
    assert isinstance(error, TransientError)
    assert error.code == "partition-moved"


def test_what_the_driver_cannot_encode_is_the_records_fault() -> None:
    assert isinstance(judged(caused(TargetDownError("no"), ValueError("too large"))), RecordRefusedError)


def test_a_server_that_is_away_blames_nobody() -> None:
    error = caused(TargetDownError("away"), OSError())
    assert judged(error) is error
