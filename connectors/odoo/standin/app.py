"""The stand-in's web side: JSON-RPC, and JSON-2 as Odoo 19, answered as Odoo answers, and faults that tests order."""

import asyncio
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.odoo.standin import json2
from connectors.odoo.standin.apps import USUAL, App, models_of
from connectors.odoo.standin.faults import SerializationFault, serialized
from connectors.odoo.standin.rpc import Rpc
from connectors.odoo.standin.seed import seed
from connectors.odoo.standin.store import Store
from connectors.odoo.standin.troubles import Trouble, Troubles

MAX_REQUEST = 64 * 1024 * 1024
_RACE = "could not serialize access due to concurrent update\n"


class StandIn:
    """A small Odoo: its records (kept in the journal when one is named), its logins, and its troubles."""

    def __init__(
        self,
        journal: Path | None = None,
        database: str = "maildesk",
        major: int = 17,
        apps: Collection[App] = USUAL,
    ) -> None:
        self.store = Store(journal, models_of(apps))
        seed(self.store, apps)
        self.rpc = Rpc(self.store, database, {"admin": "admin", "reader": "reader"}, major)
        self.troubles = Troubles()
        self.calls: list[str] = []


STATE = web.AppKey("state", StandIn)


def create_app(state: StandIn) -> web.Application:
    """The web application on this state; closing it closes the journal."""
    app = web.Application(client_max_size=MAX_REQUEST)
    app[STATE] = state
    app.router.add_post("/jsonrpc", _jsonrpc)
    if state.rpc.major >= 19:
        app.router.add_post("/json/2/{model}/{method}", _json2)
        app.router.add_get("/web/version", _version)
    app.router.add_get("/web/health", _health)
    app.on_cleanup.append(_close)
    return app


async def _close(app: web.Application) -> None:
    app[STATE].store.close()


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "pass"})


async def _jsonrpc(request: web.Request) -> web.StreamResponse:
    state = request.app[STATE]
    try:
        body = json.loads(await request.read())
        params = body["params"]
        service, method, args = params["service"], params["method"], params["args"]
    except (ValueError, KeyError, TypeError):
        return web.Response(status=400, text="Invalid JSON-RPC data")
    called = str(args[4]) if method == "execute_kw" and len(args) > 4 else method
    return await _answered(request, called, lambda trouble: _rpc(state, body.get("id"), trouble, service, method, args))


async def _json2(request: web.Request) -> web.StreamResponse:
    state, model, method = request.app[STATE], request.match_info["model"], request.match_info["method"]
    try:
        named = json.loads(await request.read())
    except ValueError:
        return web.Response(status=400, text="Invalid JSON data")

    def answer(trouble: Trouble | None) -> web.Response:
        try:
            ordered = _ordered(trouble)
            if ordered is not None:
                return web.json_response(ordered)
            return json2.answer(state.rpc, request.headers, model, method, named)
        except Exception as error:  # Odoo answers every exception
            return json2.fault(error)

    return await _answered(request, method, answer)


async def _version(request: web.Request) -> web.Response:
    version = request.app[STATE].rpc.version
    return web.json_response({"version": version["server_version"], "version_info": version["server_version_info"]})


async def _answered(
    request: web.Request, called: str, answer: Callable[[Trouble | None], web.Response]
) -> web.StreamResponse:
    """One call with the trouble and the delay that were ordered for it."""
    state = request.app[STATE]
    del state.calls[:-1000]
    state.calls.append(called)
    trouble = state.troubles.take(called)
    if state.troubles.delay and not state.troubles.late:
        await asyncio.sleep(state.troubles.delay)
    refusal = _refusal(request, trouble)
    if refusal is not None:
        return refusal
    response = answer(trouble)
    if state.troubles.delay and state.troubles.late:
        await asyncio.sleep(state.troubles.delay)
    if trouble is Trouble.DROP_AFTER:
        _drop(request)
    # as Odoo's own server does
    response.force_close()
    return response


def _refusal(request: web.Request, trouble: Trouble | None) -> web.Response | None:
    if trouble is Trouble.HTTP_500:
        return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")
    if trouble is Trouble.HTTP_503:
        return web.Response(status=503, text="<h1>Service Unavailable</h1>", content_type="text/html")
    if trouble is Trouble.DROP_BEFORE:
        _drop(request)
        return web.Response()
    return None


def _rpc(
    state: StandIn, number: Any, trouble: Trouble | None, service: str, method: str, args: list[Any]
) -> web.Response:
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": number}
    try:
        result = _ordered(trouble)
        if result is None:
            result = state.rpc.dispatch(service, method, args)
    except Exception as error:  # Odoo answers every exception
        return web.json_response(answer | {"error": serialized(error)})
    # Odoo leaves the member out when a method gives None
    return web.json_response(answer if result is None else answer | {"result": result})


def _ordered(trouble: Trouble | None) -> dict[str, Any] | None:
    """The answer that a trouble puts in the method's place."""
    if trouble is Trouble.SERIALIZATION:
        raise SerializationFault(_RACE)
    if trouble is Trouble.LOAD_RACE:
        message = {"rows": {"from": 0, "to": 0}, "type": "error", "record": 0, "message": _RACE}
        return {"ids": False, "messages": [message], "nextrow": 0}
    return None


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def serve(host: str, port: int, state_path: Path | None) -> None:
    """Run until cancelled. Raises OSError when the address is taken."""
    runner = web.AppRunner(create_app(StandIn(state_path)), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
