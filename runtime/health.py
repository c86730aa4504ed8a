"""What a process says of itself over HTTP: /healthz, /readyz, /status and /metrics."""

import json
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from runtime.exposition import exposed


class Health:
    """The components a process needs, which of them answer, and facts about its work.

    Ready means that every component that was named is ready; /readyz says which is not, and why.
    """

    def __init__(self) -> None:
        self._components: dict[str, tuple[bool, str]] = {}
        self.facts: dict[str, Any] = {}

    def set(self, component: str, ready: bool, detail: str = "") -> None:
        """Name a component as answering or not."""
        self._components[component] = (ready, detail)

    def drop(self, component: str) -> None:
        """Forget a component that is not needed any more."""
        self._components.pop(component, None)

    @property
    def ready(self) -> bool:
        """Whether there are components and all answer."""
        return bool(self._components) and all(ready for ready, _ in self._components.values())

    def report(self) -> dict[str, Any]:
        """The body of /readyz and /status."""
        components = {name: {"ready": ready, "detail": detail} for name, (ready, detail) in self._components.items()}
        return {"ready": self.ready, "components": components}


async def serve_health(health: Health, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Serve until the runner is cleaned up; returns it with the port that was taken."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        return _json(health.report(), 200 if health.ready else 503)

    async def status(_: web.Request) -> web.Response:
        return _json({**health.report(), "facts": health.facts}, 200)

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = exposed(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    app = web.Application()
    app.add_routes(
        [
            web.get("/healthz", alive),
            web.get("/readyz", ready),
            web.get("/status", status),
            web.get("/metrics", metrics),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    return runner, int(runner.addresses[0][1])


def _json(body: dict[str, Any], status: int) -> web.Response:
    return web.Response(text=json.dumps(body, default=str), status=status, content_type="application/json")


async def read_status(port: int, seconds: float = 2.0) -> dict[str, Any] | None:
    """The body of /status of a process on this machine; None while it does not answer."""
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=seconds)) as session,
            session.get(f"http://127.0.0.1:{port}/status") as answer,
        ):
            body: dict[str, Any] = await answer.json()
            return body
    except (ClientError, OSError, TimeoutError, ValueError):
        return None
