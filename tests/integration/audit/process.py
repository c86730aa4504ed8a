"""`python -m services.audit` as a child process, as a platform would run it."""

import asyncio
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from subprocess import Popen
from typing import Any

import psutil

START_SECONDS = 90.0


class AuditProcess:
    """One worker. Its log and its working directory are below `home`."""

    module = "services.audit"

    def __init__(self, home: Path, kafka: str, dsn: str, **settings: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self._log = home / "log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "MAILDESK_KAFKA_BOOTSTRAP": kafka,
            "MAILDESK_POSTGRES_DSN": dsn,
            "MAILDESK_AUDIT_SESSION": "6",
            **settings,
        }
        self.child: Popen[bytes] | None = None

    def start(self) -> None:
        """Start; again after it ended."""
        cwd = self.home / "cwd"
        cwd.mkdir(exist_ok=True)
        with self._log.open("ab") as log:
            log.truncate(0)
            self.child = Popen(
                [sys.executable, "-m", self.module], cwd=cwd, env=self._environment, stdout=log, stderr=log
            )

    @property
    def running(self) -> Popen[bytes]:
        assert self.child is not None, "start it first"
        return self.child

    def log(self) -> list[dict[str, Any]]:
        """What it logged since its start; every line is a JSON object."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def get(self, path: str) -> str:
        """The body of one of its pages, whatever the status."""
        port = next((line["port"] for line in self.log() if line["message"] == "listening"), None)
        if port is None:
            raise ConnectionError("not listening yet")
        opener = urllib.request.build_opener(urllib.request.HTTPHandler)
        try:
            answer = opener.open(f"http://127.0.0.1:{port}{path}", timeout=5)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return str(answer.read().decode())

    async def ready(self) -> None:
        """Until /readyz says so."""
        deadline = time.monotonic() + START_SECONDS
        met: Any = None
        while time.monotonic() < deadline:
            assert self.running.poll() is None, self._log.read_text()
            try:
                met = json.loads(await asyncio.to_thread(self.get, "/readyz"))
                if met["ready"]:
                    return
            except (OSError, ValueError) as error:  # not listening, or its log ends within a line
                met = error
            await asyncio.sleep(0.1)
        raise AssertionError(f"not ready, last: {met!r}; {self._log.read_text()}")

    def total(self, metric: str) -> float:
        """The sum of a metric over its labels; 0 while it does not listen."""
        try:
            lines = self.get("/metrics").splitlines()
        except OSError:
            return 0.0
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{metric} ", f"{metric}{{")))

    def memory_mb(self) -> float:
        """Resident memory."""
        return float(psutil.Process(self.running.pid).memory_info().rss) / 2**20

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.running.kill()
        self.running.wait(10)

    async def ended(self, seconds: float = 40.0) -> int:
        """The exit code."""
        return await asyncio.to_thread(self.running.wait, seconds)

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.running.send_signal(signal.SIGTERM)
        return await self.ended()
