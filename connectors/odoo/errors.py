"""Odoo's faults, translated once into the error tree with stable codes.

| code | class | when |
|---|---|---|
| odoo-down | TargetDownError | the request was not sent: refused, no route, no name, 503 |
| odoo-login | TargetDownError | login, password or API key is refused |
| odoo-database | TargetDownError | the database does not exist, or Odoo cannot reach its Postgres |
| odoo-outcome-unknown | OutcomeUnknownError | the connection broke or timed out after sending |
| odoo-answer-too-large | OutcomeUnknownError | an answer has more bytes than are read |
| odoo-conflict | TransientError | a lost race that Odoo gave up on: serialization, deadlock, lock |
| odoo-busy | TransientError | no free connection here or in Odoo's pool, 429 |
| odoo-access | PermanentError | AccessError |
| odoo-validation | PermanentError | ValidationError |
| odoo-refused | PermanentError | any other UserError |
| odoo-missing | PermanentError | MissingError: the record was deleted |
| odoo-model-missing | ModelMissingError | the model's module is not installed |
| odoo-fault | PermanentError | any other exception inside Odoo |
| odoo-url | PermanentError | what answers there is not an Odoo |
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError

TEXT_LIMIT = 500
CONFLICT_MARKS = ("could not serialize access", "deadlock detected", "could not obtain lock")
_CONFLICTS = ("SerializationFailure", "DeadlockDetected", "LockNotAvailable", "TransactionRollbackError")
_DATABASE_LOST = ("OperationalError", "InterfaceError", "AdminShutdown", "CannotConnectNow", "CrashShutdown")
_NOT_CONNECTED = ("connection to server", "could not connect", "does not exist", "too many clients")
_PERMANENT = {
    "odoo.exceptions.AccessError": "odoo-access",
    "odoo.exceptions.ValidationError": "odoo-validation",
    "odoo.exceptions.UserError": "odoo-refused",
    "odoo.exceptions.RedirectWarning": "odoo-refused",
    "odoo.exceptions.MissingError": "odoo-missing",
}


class ModelMissingError(PermanentError):
    """The model does not exist in this database: its module is not installed."""

    default_code: ClassVar[str] = "odoo-model-missing"


def bounded(text: object) -> str:
    """Odoo's text without surrounding space, at most TEXT_LIMIT characters."""
    clean = str(text).strip()
    return clean if len(clean) <= TEXT_LIMIT else clean[: TEXT_LIMIT - 1] + "…"


def is_conflict(text: str) -> bool:
    """Whether a message of `load` tells of a lost race rather than of a bad row."""
    return any(mark in text for mark in CONFLICT_MARKS)


def from_fault(error: Mapping[str, Any], *, model: str | None = None) -> MaildeskError:
    """The `error` member of a JSON-RPC answer (Odoo: `http.serialize_exception`); its traceback is left behind."""
    data = error.get("data") or {}
    name = str(data.get("name") or "")
    text = bounded(data.get("message") or error.get("message") or name or "no text")
    last = name.rpartition(".")[2]
    if last == "AccessDenied":
        return TargetDownError(f"Odoo refuses the login: {text}", code="odoo-login")
    if error.get("code") == 404:
        return PermanentError(f"Odoo knows no such address: {text}", code="odoo-url")
    if last in _CONFLICTS or (name.startswith("psycopg2") and is_conflict(text)):
        return TransientError(f"Odoo lost a race in its database: {text}", code="odoo-conflict")
    if last == "PoolError":
        return TransientError(f"Odoo has no free database connection: {text}", code="odoo-busy")
    if last in _DATABASE_LOST and name.startswith("psycopg2"):
        return _database_lost(text)
    if name == "odoo.exceptions.UserError" and model and f"Object {model} doesn't exist" in text:
        return ModelMissingError(f"Odoo has no model {model}; its module is not installed: {text}")
    return PermanentError(text, code=_PERMANENT.get(name, "odoo-fault"))


def from_http(error: httpx.HTTPError) -> MaildeskError:
    """A failure of the connection itself. What broke after the connection stood may have taken effect."""
    kind = type(error).__name__
    if isinstance(error, httpx.PoolTimeout):
        return TransientError("no free connection to Odoo in time", code="odoo-busy")
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
        return TargetDownError(f"Odoo cannot be reached ({kind})", code="odoo-down")
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError)):
        return PermanentError(f"Odoo's URL cannot be used ({kind}); it looks like http://host:8069", code="odoo-url")
    return OutcomeUnknownError(
        f"the connection to Odoo broke after the request was sent ({kind})", code="odoo-outcome-unknown"
    )


def from_status(status: int) -> MaildeskError | None:
    """An HTTP status that is not Odoo's own 200; None for 200. A gateway's 500, 502 and 504 hide the outcome."""
    if status == 200:
        return None
    if status == 429:
        return TransientError("Odoo's gateway asks for fewer calls (HTTP 429)", code="odoo-busy")
    if status == 503:
        return TargetDownError("Odoo is not available (HTTP 503)", code="odoo-down")
    if status >= 500:
        return OutcomeUnknownError(f"Odoo broke off the call (HTTP {status})", code="odoo-outcome-unknown")
    return PermanentError(f"no Odoo answers at this URL (HTTP {status})", code="odoo-url")


def _database_lost(text: str) -> MaildeskError:
    if any(mark in text for mark in _NOT_CONNECTED):
        return TargetDownError(f"Odoo cannot open its database: {text}", code="odoo-database")
    return OutcomeUnknownError(f"Odoo lost its database: {text}", code="odoo-outcome-unknown")


def usable_without(error: PermanentError) -> None:
    """Returns when Odoo refused only what was asked for; raises the error when no Odoo answers there at all."""
    if error.code == "odoo-url":
        raise error
