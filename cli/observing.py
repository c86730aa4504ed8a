"""`maildesk up --observe`: a Prometheus that scrapes what runs, and where to look."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.ports import free_ports, is_free
from sandbox.prometheus import PrometheusServer

PREFERRED_PORT = 9090
_DEPLOY = Path(__file__).resolve().parents[1] / "deploy"


@asynccontextmanager
async def observe(home: Path, services: Mapping[str, int], say: Callable[[str], None]) -> AsyncIterator[None]:
    """Scrape these services meanwhile, and say where to look; `services`: name to port. Raises TargetDownError."""
    rules = _DEPLOY / "prometheus" / "rules.yaml"
    port = PREFERRED_PORT if is_free(PREFERRED_PORT) else free_ports(1)[0]
    server = PrometheusServer(home, port, services, rules if rules.is_file() else None)
    server.start()
    try:
        await asyncio.to_thread(server.wait_ready)
        for line in _lines(server.url):
            say(line)
        yield
    finally:
        server.stop()


def _lines(url: str) -> list[str]:
    return [
        f"Prometheus: {url}/graph",
        f"Alerts: {url}/alerts",
        f"Targets: {url}/targets",
        f"Grafana: import {_DEPLOY / 'grafana'}/*.json, data source {url} (docs/howto/observe.md)",
    ]
