"""The whole platform as `maildesk up` runs it, on embedded parts and one Maildir, for as long as a block lasts."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bench.servers import scratch
from cli.state_dir import Running, StateDir
from runtime.postgres import Database, connect
from sandbox.child import start_child, stop_child

MAILBOX = "support"
READY_SECONDS = 120.0
STOP_SECONDS = 60.0
RULES = """
mailbox: support
rules:
  - {id: all, actions: [{id: tag, type: tag, add: [bench]}, {id: star, type: star}]}
  - {id: leads, when: {type: subject, starts: [Enquiry]}, actions: [{id: lead, type: crm_lead}]}
"""
"""Every mail is tagged and starred; an enquiry becomes a lead."""
MAILDESK = (sys.executable, "-c", "from cli.main import main; main()")
T = TypeVar("T")


@dataclass(slots=True)
class Desk:
    """What a benchmark works with. `pid`: of `maildesk up`, whose children the services are."""

    database: Database
    maildir: "Deliveries"
    pid: int
    env: dict[str, str]

    async def maildesk(self, *arguments: str) -> int:
        """Run a command on this platform to its end; returns its exit code. What it prints is thrown away."""
        silent = asyncio.subprocess.DEVNULL
        ran = await asyncio.create_subprocess_exec(*MAILDESK, *arguments, stdout=silent, stderr=silent, env=self.env)
        try:
            return await ran.wait()
        finally:
            if ran.returncode is None:
                ran.kill()
                await ran.wait()

    async def wait_logged(self, rows: int, seconds: float, between: Callable[[], None] = lambda: None) -> None:
        """Until the log has that many final rows; raises TimeoutError. `between` is called all the while."""
        deadline = time.monotonic() + seconds
        while await self.database.fetchval(_FINAL) < rows:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not {rows} rows in the log after {seconds:.0f} s")
            between()
            await asyncio.sleep(0.2)


_FINAL = "SELECT count(*) FROM audit.execution_log_v1 WHERE state IN ('succeeded', 'failed', 'skipped')"


class Deliveries:
    """A Maildir, and when each mail appeared in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at: dict[str, float] = {}
        for part in ("tmp", "new", "cur"):
            (path / part).mkdir(parents=True)

    def deliver(self, number: int, *, lead: bool) -> None:
        """A mail of about 3 KB, complete from the moment at which it is seen."""
        message_id = f"<{number}@bench.example>"
        name = f"{time.time_ns()}.{number}.{socket.gethostname().replace('/', '_')}"
        partial = self.path / "tmp" / name
        partial.write_bytes(_mail(number, message_id, lead=lead))
        partial.rename(self.path / "new" / name)
        self.at[message_id] = time.time()


def _mail(number: int, message_id: str, *, lead: bool) -> bytes:
    lines = [
        "Return-Path: <person@customer.example>",
        f"From: A Person <person{number}@customer.example>",
        "To: Support <support@company.example>",
        f"Subject: {'Enquiry' if lead else 'Question'} {number}",
        f"Message-ID: {message_id}",
        "Date: Mon, 02 Mar 2026 08:00:00 +0000",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        *("Could you let us know when the delivery will arrive?" for _ in range(50)),
    ]
    return "\r\n".join(lines).encode()


def on_platform(work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Start everything, work, stop everything."""
    with scratch() as home:
        maildir = Deliveries(home / "mail")
        with _up(home, maildir) as pid:
            return asyncio.run(_work(home, maildir, pid, work))


def _environment(home: Path) -> dict[str, str]:
    """Of commands on this platform: nothing of the caller's own servers."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAILDESK_", "PG", "ODOO_"))}
    return env | {"MAILDESK_STATE_DIR": str(home / "state"), "COLUMNS": "200"}


@contextmanager
def _up(home: Path, maildir: Deliveries) -> Iterator[int]:
    """`maildesk up`. Raises RuntimeError with what it said last."""
    rules, log = home / "rules.yaml", home / "up.log"
    rules.write_text(RULES)
    command = [*MAILDESK, "up", "--mail", f"{MAILBOX}={maildir.path}", "--rules", str(rules)]
    process = start_child(command, log=log, env=_environment(home))
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "Running:" not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"maildesk up did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.2)
        yield process.pid
    finally:
        stop_child(process, STOP_SECONDS)


async def _work(home: Path, maildir: Deliveries, pid: int, work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    running = StateDir(home / "state").running()
    if running is None:
        raise RuntimeError("maildesk up has gone")
    async with _database(running) as database:
        return await work(Desk(database, maildir, pid, _environment(home)))


@asynccontextmanager
async def _database(running: Running) -> AsyncIterator[Database]:
    database = await connect(running.postgres, name="bench", pool_size=2)
    try:
        yield database
    finally:
        await database.close()
