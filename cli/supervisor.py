"""Services as supervised child processes: restarted when they die, given up when they die again and again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.backoff import Backoff
from runtime.clock import Clock
from runtime.errors import PermanentError
from sandbox.child import start_child, stop_child

STOP_SECONDS = 30.0
"""Longer than a service takes to leave with a code of its own (runtime/service.py)."""
DEATHS_ALLOWED = 8
DEATHS_WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class Child:
    """One service's process. `command` is what follows the Python interpreter."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    restarts: int = 0
    deaths: deque[float] = field(default_factory=deque)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, in its own session, below this process."""
        env = {**os.environ, **self.env}
        self.process = start_child([sys.executable, *self.command], log=self.log, env=env)

    @property
    def pid(self) -> int:
        """Its process id; 0 before the first start."""
        return self.process.pid if self.process is not None else 0


class Supervisor:
    """Watches children. Start it from the main thread (sandbox/child.py says why)."""

    def __init__(self, clock: Clock, backoff: Backoff) -> None:
        self._clock = clock
        self._backoff = backoff
        self.children: list[Child] = []

    def add(self, child: Child) -> None:
        """Start a child and watch it from now on."""
        child.start()
        self.children.append(child)

    async def watch(self) -> None:
        """Restart what dies. Raises PermanentError, naming the log, when a child dies again and again."""
        while True:
            for child in self.children:
                if child.process is not None and child.process.poll() is not None:
                    await self._revive(child)
            await self._clock.sleep(0.1)

    async def _revive(self, child: Child) -> None:
        now = self._clock.monotonic()
        child.deaths.append(now)
        while now - child.deaths[0] > DEATHS_WINDOW_SECONDS:
            child.deaths.popleft()
        if len(child.deaths) > DEATHS_ALLOWED:
            raise PermanentError(
                f"{child.name} died {len(child.deaths)} times within a minute; its log is {child.log}",
                code="service-dies",
            )
        await self._clock.sleep(self._backoff.delay(len(child.deaths)))
        child.restarts += 1
        child.start()

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask all to end, then insist."""
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(asyncio.to_thread(stop_child, process, seconds) for process in alive))
