"""`python -m services.actions` as a child process, as a platform would run it."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx

from sandbox.ports import free_ports

PATIENCE = 40.0


class ActionsProcess:
    """One worker process. Its log is `home/<name>.log`."""

    def __init__(self, home: Path, name: str, kafka: str, dsn: str, **settings: str) -> None:
        (self._port,) = free_ports(1)
        self._log = home / f"{name}.log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "MAILDESK_KAFKA_BOOTSTRAP": kafka,
            "MAILDESK_POSTGRES_DSN": dsn,
            "MAILDESK_HTTP_PORT": str(self._port),
            "MAILDESK_ACTIONS_WORKER": name,
            "MAILDESK_ACTIONS_RETRY_FIRST_SECONDS": "0.2",
            **settings,
        }
        self._child: Popen[bytes] | None = None

    def start(self) -> None:
        """Start; again after it ended."""
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "services.actions"]
            self._child = Popen(command, env=self._environment, stdout=log, stderr=log)

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait; returns the exit code. One that has ended stays so."""
        assert self._child is not None
        if self._child.poll() is None:
            self._child.send_signal(number)
        return self._child.wait(PATIENCE)

    def log(self) -> str:
        """What it wrote."""
        return self._log.read_text() if self._log.exists() else ""

    async def report(self) -> dict[str, Any]:
        """/readyz: its components; empty while it does not listen."""
        try:
            async with httpx.AsyncClient() as client:
                found: dict[str, Any] = (await client.get(f"http://127.0.0.1:{self._port}/readyz")).json()
        except httpx.HTTPError:
            return {}
        return found

    async def component(self, name: str, *, ready: bool) -> dict[str, Any]:
        """Wait until /readyz says so of it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = (await self.report()).get("components", {}).get(name)
            if found is not None and found["ready"] == ready:
                return dict(found)
            await asyncio.sleep(0.1)
        raise AssertionError(f"{name} is not {ready}: {await self.report()}\n{self.log()[-3000:]}")
