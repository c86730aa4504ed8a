"""Every fault of Odoo has its place in the error tree and a stable code."""

import httpx
import pytest

from connectors.odoo.errors import TEXT_LIMIT, ModelMissingError, from_fault, from_http, from_status, is_conflict
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError

FAULTS: list[tuple[str, str, type[MaildeskError], str]] = [
    ("odoo.exceptions.AccessError", "You are not allowed", PermanentError, "odoo-access"),
    ("odoo.exceptions.ValidationError", "The operation cannot", PermanentError, "odoo-validation"),
    ("odoo.exceptions.UserError", "Please set an address", PermanentError, "odoo-refused"),
    ("odoo.exceptions.MissingError", "Record does not exist", PermanentError, "odoo-missing"),
    ("odoo.exceptions.AccessDenied", "Access Denied", TargetDownError, "odoo-login"),
    ("odoo.exceptions.UserError", "Object crm.lead doesn't exist", ModelMissingError, "odoo-model-missing"),
    ("odoo.exceptions.UserError", "Close crm.lead 7 first", PermanentError, "odoo-refused"),
    ("builtins.KeyError", "nope", PermanentError, "odoo-fault"),
    ("builtins.ValueError", "Invalid field 'nope' on model 'crm.lead'", PermanentError, "odoo-fault"),
    ("psycopg2.errors.SerializationFailure", "anything", TransientError, "odoo-conflict"),
    ("psycopg2.errors.DeadlockDetected", "anything", TransientError, "odoo-conflict"),
    ("psycopg2.errors.LockNotAvailable", "anything", TransientError, "odoo-conflict"),
    ("psycopg2.OperationalError", "could not serialize access due to", TransientError, "odoo-conflict"),
    ("psycopg2.pool.PoolError", "The Connection Pool Is Full", TransientError, "odoo-busy"),
    ("psycopg2.OperationalError", 'FATAL:  database "x" does not exist', TargetDownError, "odoo-database"),
    ("psycopg2.OperationalError", "connection to server failed", TargetDownError, "odoo-database"),
    ("psycopg2.OperationalError", "server closed the connection", OutcomeUnknownError, "odoo-outcome-unknown"),
    ("psycopg2.InterfaceError", "cursor already closed", OutcomeUnknownError, "odoo-outcome-unknown"),
    ("psycopg2.errors.AdminShutdown", "terminating connection", OutcomeUnknownError, "odoo-outcome-unknown"),
]


@pytest.mark.parametrize(("name", "text", "kind", "code"), FAULTS)
def test_faults(name: str, text: str, kind: type[MaildeskError], code: str) -> None:
    fault = {"code": 200, "message": "Odoo Server Error", "data": {"name": name, "message": text, "debug": "Traceback"}}
    error = from_fault(fault, model="crm.lead")
    assert type(error) is kind
    assert error.code == code
    assert text in error.text
    assert "Traceback" not in error.text


def test_long_texts_are_cut() -> None:
    error = from_fault({"data": {"name": "odoo.exceptions.UserError", "message": "x" * 10_000}})
    assert len(error.text) == TEXT_LIMIT


@pytest.mark.parametrize("fault", [{}, {"message": "odd"}, {"data": None}, {"data": {"name": None, "message": None}}])
def test_odd_faults(fault: dict[str, object]) -> None:
    assert from_fault(fault).code == "odoo-fault"


def test_no_such_address() -> None:
    assert from_fault({"code": 404, "message": "404: Not Found"}).code == "odoo-url"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (httpx.ConnectError("refused"), TargetDownError, "odoo-down"),
        (httpx.ConnectTimeout("slow"), TargetDownError, "odoo-down"),
        (httpx.ProxyError("no"), TargetDownError, "odoo-down"),
        (httpx.PoolTimeout("full"), TransientError, "odoo-busy"),
        (httpx.ReadTimeout("slow"), OutcomeUnknownError, "odoo-outcome-unknown"),
        (httpx.WriteTimeout("slow"), OutcomeUnknownError, "odoo-outcome-unknown"),
        (httpx.ReadError("reset"), OutcomeUnknownError, "odoo-outcome-unknown"),
        (httpx.WriteError("reset"), OutcomeUnknownError, "odoo-outcome-unknown"),
        (httpx.RemoteProtocolError("cut"), OutcomeUnknownError, "odoo-outcome-unknown"),
        (httpx.UnsupportedProtocol("ftp"), PermanentError, "odoo-url"),
    ],
)
def test_connections(error: httpx.HTTPError, kind: type[MaildeskError], code: str) -> None:
    translated = from_http(error)
    assert type(translated) is kind
    assert translated.code == code


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (429, TransientError, "odoo-busy"),
        (500, OutcomeUnknownError, "odoo-outcome-unknown"),
        (502, OutcomeUnknownError, "odoo-outcome-unknown"),
        (503, TargetDownError, "odoo-down"),
        (504, OutcomeUnknownError, "odoo-outcome-unknown"),
        (404, PermanentError, "odoo-url"),
        (301, PermanentError, "odoo-url"),
    ],
)
def test_statuses(status: int, kind: type[MaildeskError], code: str) -> None:
    error = from_status(status)
    assert type(error) is kind
    assert error is not None
    assert error.code == code


def test_odoos_own_status() -> None:
    assert from_status(200) is None


def test_conflicts_are_told_from_bad_rows() -> None:
    assert is_conflict("could not serialize access due to concurrent update")
    assert not is_conflict("Missing required value for the field 'Opportunity' (name)")
