"""The service `ingest` as a process of its own on a Dovecot with many accounts, or one with much mail."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.health import read_status
from runtime.kafka import Outgoing, Producer
from sandbox.ports import free_ports
from schemas.envelope import encode
from schemas.mail import Published
from schemas.mailbox import Mailbox
from schemas.rule import MailboxChanged, RulesetPublished
from tests.servers.dovecot import DovecotServer

ROOT = Path(__file__).resolve().parents[1]
MANY = """
service imap-login {
  service_count = 0
  client_limit = 2000
  process_limit = 2
}
service imap {
  process_limit = 1500
}
service anvil {
  client_limit = 5000
}
service auth {
  client_limit = 5000
}
"""
"""Dovecot's login processes serve many here; each account that is logged in has a process of its own."""


@dataclass(slots=True)
class Service:
    """A process of ingest. `port`: its health pages."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def resident_mb(self) -> float:
        """Now."""
        return self._memory("VmRSS")

    @property
    def peak_mb(self) -> float:
        """The most that it ever had."""
        return self._memory("VmHWM")

    def _memory(self, name: str) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"the process has no {name}: it has ended")

    def kill(self) -> None:
        """SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    async def until(self, true: Callable[[dict[str, Any]], bool], seconds: float) -> float:
        """Seconds until its facts say so. Raises RuntimeError with its last log lines."""
        began = time.monotonic()
        while True:
            status = await read_status(self.port)
            if status is not None and true(status["facts"]):
                return time.monotonic() - began
            if time.monotonic() - began > seconds or self.process.poll() is not None:
                raise RuntimeError(f"ingest did not come so far in {seconds:.0f} s: {self.log.read_text()[-1500:]}")
            await asyncio.sleep(0.1)


@contextmanager
def running_ingest(home: Path, kafka: str, dsn: str, name: str = "ingest", **settings: str) -> Iterator[Service]:
    """A process that is asked to stop at the end, then killed."""
    (port,), log = free_ports(1), home / f"{name}.log"
    own = {
        "PYTHONPATH": os.fspath(ROOT),
        "MAILDESK_KAFKA_BOOTSTRAP": kafka,
        "MAILDESK_POSTGRES_DSN": dsn,
        "MAILDESK_HTTP_PORT": str(port),
        "MAILDESK_INGEST_WORKER": name,
        **settings,
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAILDESK_", "ODOO_"))}
    with log.open("ab") as output:
        command = [sys.executable, "-m", "services.ingest"]
        process = subprocess.Popen(command, env={**kept, **own}, stdout=output, stderr=output)
    try:
        yield Service(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def publish_mailboxes(kafka: str, mailboxes: Sequence[Mailbox]) -> None:
    """Put them in force, as version 1."""
    records: list[Published] = [MailboxChanged(version=1, mailbox=box) for box in mailboxes]
    asyncio.run(_send(kafka, [*records, RulesetPublished(version=1)]))


async def _send(kafka: str, records: Sequence[Published]) -> None:
    producer = Producer(kafka, "bench")
    await producer.start()
    encoded = [encode(record, "/maildesk/console") for record in records]
    await producer.send_all([Outgoing("automation-rules", key, value, headers) for key, value, headers in encoded])
    await producer.stop()


def make_room(server: DovecotServer, users: dict[str, str]) -> None:
    """Start Dovecot anew with these users besides its own, and with room for all of them at once."""
    server.stop()
    with (server.root / "dovecot.conf").open("a") as config:
        config.write(MANY)
    with (server.root / "passwd").open("a") as passwords:
        passwords.writelines(f"{user}:{password}\n" for user, password in users.items())
    server.start()
