"""The stand-in's web side: `POST /jsonrpc`, answered as Odoo answers it, and the faults that tests order."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.odoo.standin.faults import SerializationFault, serialized
from connectors.odoo.standin.rpc import Rpc
from connectors.odoo.standin.seed import seed
from connectors.odoo.standin.store import Store
from connectors.odoo.standin.troubles import Trouble, Troubles

MAX_REQUEST = 64 * 1024 * 1024
_RACE = "could not serialize access due to concurrent update\n"


class StandIn:
    """A small Odoo: its records (kept in the journal when one is named), its logins, and its troubles."""

    def __init__(self, journal: Path | None = None, database: str = "maildesk") -> None:
        self.store = Store(journal)
        seed(self.store)
        self.rpc = Rpc(self.store, database, {"admin": "admin", "reader": "reader"})
        self.troubles = Troubles()
        self.calls: list[str] = []


STATE = web.AppKey("state", StandIn)


def create_app(state: StandIn) -> web.Application:
    """The web application on this state; closing it closes the journal."""
    app = web.Application(client_max_size=MAX_REQUEST)
    app[STATE] = state
    app.router.add_post("/jsonrpc", _jsonrpc)
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
    del state.calls[:-1000]
    state.calls.append(called)
    trouble = state.troubles.take(called)
    if state.troubles.delay and not state.troubles.late:
        await asyncio.sleep(state.troubles.delay)
    refusal = _refusal(request, trouble)
    if refusal is not None:
        return refusal
    answer = _answer(state, body.get("id"), trouble, service, method, args)
    if state.troubles.delay and state.troubles.late:
        await asyncio.sleep(state.troubles.delay)
    if trouble is Trouble.DROP_AFTER:
        _drop(request)
    response = web.json_response(answer)
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


def _answer(
    state: StandIn, number: Any, trouble: Trouble | None, service: str, method: str, args: list[Any]
) -> dict[str, Any]:
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": number}
    try:
        result = _result(state, trouble, service, method, args)
    except Exception as error:  # Odoo answers every exception
        return answer | {"error": serialized(error)}
    # Odoo leaves the member out when a method gives None
    return answer if result is None else answer | {"result": result}


def _result(state: StandIn, trouble: Trouble | None, service: str, method: str, args: list[Any]) -> Any:
    if trouble is Trouble.SERIALIZATION:
        raise SerializationFault(_RACE)
    if trouble is Trouble.LOAD_RACE:
        message = {"rows": {"from": 0, "to": 0}, "type": "error", "record": 0, "message": _RACE}
        return {"ids": False, "messages": [message], "nextrow": 0}
    return state.rpc.dispatch(service, method, args)


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
