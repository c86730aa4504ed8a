"""JSON-2 as Odoo 19 answers it (Odoo: `addons/rpc/controllers/json2.py`, `http.Json2Dispatcher`)."""

import inspect
from typing import Any

from aiohttp import web

from connectors.odoo.standin.faults import (
    AccessDenied,
    AccessFault,
    MissingFault,
    OdooFault,
    UnknownDatabase,
    serialized,
)
from connectors.odoo.standin.rpc import METHODS, Rpc

_STATUS: dict[type[Exception], int] = {AccessDenied: 401, AccessFault: 403, MissingFault: 404}


def answer(rpc: Rpc, headers: Any, model: str, method: str, named: dict[str, Any]) -> web.Response:
    """One call of a method, its parameters by name."""
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    try:
        uid = rpc.uid_of(headers.get("X-Odoo-Database", rpc.database), key) if scheme.lower() == "bearer" else None
    except UnknownDatabase:
        return web.Response(status=404, text="<!-- Alternatively, use the X-Odoo-Database header. -->")
    if uid is None:
        return _werkzeug("Unauthorized", 401, "Invalid apikey")
    if not rpc.knows(model):
        return _werkzeug("NotFound", 404, f"the model {model!r} does not exist")
    found = METHODS.get(method)
    if found is None and method != "check_object_reference" and not method.startswith("_"):
        return _werkzeug("NotFound", 404, f"The method '{model}.{method}' does not exist")
    if found is not None and (stranger := _stranger(found, named)):
        return _werkzeug("UnprocessableEntity", 422, f"got an unexpected keyword argument '{stranger}'")
    return web.json_response(rpc.run(uid, model, method, [], dict(named)))


def fault(error: Exception) -> web.Response:
    """What a method raised, under HTTP's status for it."""
    status = _STATUS.get(type(error), 422 if isinstance(error, OdooFault) and "odoo" in error.wire else 500)
    return web.json_response(serialized(error)["data"], status=status)


def _stranger(method: Any, named: dict[str, Any]) -> str | None:
    parameters = inspect.signature(method).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return None
    return next((name for name in named if name not in parameters and name != "context"), None)


def _werkzeug(name: str, status: int, text: str) -> web.Response:
    return web.json_response(
        {"name": f"werkzeug.exceptions.{name}", "message": text, "arguments": [text, status], "context": {}},
        status=status,
    )
