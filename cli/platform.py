"""The services of a local platform as supervised children, and what they say of themselves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from cli.parts import Parts
from cli.state_dir import Running, StateDir
from cli.supervisor import Child, Supervisor
from runtime.backoff import Backoff
from runtime.clock import Clock, SystemClock
from runtime.errors import PermanentError, TargetDownError
from runtime.health import read_status
from sandbox.ports import free_ports

SERVICES = ("evaluator", "actions", "audit", "ingest")
VERSIONED = ("evaluator", "actions", "ingest")
READY_SECONDS = 90.0
WORKER_NAME = "maildesk-up"


@dataclass(slots=True)
class Platform:
    """Running services. `ports`: where each serves its health pages."""

    supervisor: Supervisor
    ports: dict[str, int]
    clock: Clock
    watching: "asyncio.Task[None]"

    async def facts(self, service: str) -> dict[str, Any]:
        """The facts of a service; empty while it does not answer."""
        status = await read_status(self.ports[service])
        return dict(status.get("facts", {})) if status else {}

    async def report(self, service: str) -> dict[str, Any]:
        """The whole status of a service; empty while it does not answer."""
        return await read_status(self.ports[service]) or {}

    async def pause(self, seconds: float) -> None:
        """Wait; raises what the supervisor gave up over."""
        await asyncio.wait({self.watching}, timeout=seconds)
        if self.watching.done():
            self.watching.result()

    async def wait_ready(self, version: int) -> None:
        """Until every service works with that version of the rules. Raises TargetDownError naming who does not."""
        deadline = self.clock.monotonic() + READY_SECONDS
        while late := [name for name in self.ports if not await self._is_ready(name, version)]:
            if self.clock.monotonic() > deadline:
                raise TargetDownError(
                    f"not ready after {READY_SECONDS:.0f} s: {', '.join(late)}; their logs say why", code="not-ready"
                )
            await self.pause(0.1)

    async def _is_ready(self, service: str, version: int) -> bool:
        status = await self.report(service)
        applied = status.get("facts", {}).get("ruleset_version", -1)
        if service in VERSIONED:
            return bool(applied >= version)
        return bool(status.get("ready", False))


@asynccontextmanager
async def run_platform(
    state: StateDir, parts: Parts, services: Sequence[str] = SERVICES, env: dict[str, str] | None = None
) -> AsyncIterator[Platform]:
    """Start the services (and the Odoo stand-in, if it is used); stop them at the end."""
    clock = SystemClock()
    supervisor = Supervisor(clock, Backoff(first=0.2, longest=5.0))
    ports = dict(zip(services, free_ports(len(services)), strict=True))
    logs = state.path / "logs"
    if parts.odoo.command:
        supervisor.add(Child("odoo-standin", parts.odoo.command, {}, logs / "odoo.log"))
    for name, port in ports.items():
        names = {"MAILDESK_ACTIONS_WORKER": WORKER_NAME, "MAILDESK_INGEST_WORKER": WORKER_NAME}
        own = {"MAILDESK_HTTP_PORT": str(port), **names}
        settings = {**parts.env, **parts.odoo.env, **own, **(env or {})}
        supervisor.add(Child(name, ("-m", f"services.{name}"), settings, logs / f"{name}.log"))
    watching = asyncio.get_running_loop().create_task(supervisor.watch())
    try:
        yield Platform(supervisor, ports, clock, watching)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, PermanentError):
            await watching
        await supervisor.stop()


def announcement(parts: Parts, platform: Platform, pid: int) -> Running:
    """What other commands need to find this platform."""
    return Running(pid=pid, kafka=parts.broker.bootstrap, postgres=parts.dsn, services=platform.ports)
