"""The `maildesk` command as people run it: its own state folder, its own processes, its output."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest

from connectors.odoo.standin.store import Store
from runtime.errors import MaildeskError
from runtime.postgres import Database, connect

T = TypeVar("T")
COMMAND = str(Path(sys.executable).with_name("maildesk"))
SERVICES = ("ingest", "evaluator", "actions", "audit")
RUN_SECONDS = 150.0
START_SECONDS = 90.0
WAIT_SECONDS = 120.0
"""A machine that is busy with other things starts four services slowly."""
HOW_FAR = """
SELECT now(), (SELECT count(*) FROM ingest.event) AS events,
       (SELECT count(*) FROM ingest.event_v1 WHERE published_at IS NULL) AS events_unpublished,
       (SELECT count(*) FROM audit.decision) AS decisions, (SELECT count(*) FROM audit.execution) AS log_rows,
       (SELECT count(*) FROM audit.unfinished_v1) AS log_unfinished,
       (SELECT count(*) FROM actions.outbox WHERE published_at IS NULL) AS outbox
"""
UNFINISHED = """
SELECT command_id, type, state, attempt, failures, wait_reason, next_try_at, lease_until, started_at, worker, lane
FROM actions.command WHERE state IN ('pending', 'running', 'sending', 'retry_wait') ORDER BY seq LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, which must be one JSON document."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a health page says."""

    status: int
    text: str


def page(port: int, path: str) -> Answer:
    """A health page of a process on this machine; status 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())
    except OSError:
        return Answer(0, "")


def not_ready(answer: Answer) -> set[str]:
    """What /readyz names as missing; nothing when nobody answers."""
    if answer.status != 503:
        return set()
    return {name for name, each in json.loads(answer.text)["components"].items() if not each["ready"]}


@dataclass(slots=True)
class Desk:
    """One state folder. `dsn` None: the embedded Postgres below it; `kafka` None: the embedded Kafka."""

    home: Path
    dsn: str | None = None
    kafka: str | None = "memory"
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, seconds: float = RUN_SECONDS, **env: str) -> Ran:
        """Any command, to its end."""
        try:
            done = subprocess.run(
                [COMMAND, *arguments],
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
                env=self._environment(env),
                cwd=self.home.parent,
            )
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{arguments} did not end in {seconds:.0f} s{self.log_tail()}") from error
        return Ran(done.returncode, done.stdout, done.stderr)

    def up(self, *arguments: str, seconds: float = RUN_SECONDS) -> dict[str, Any]:
        """`up --exit-when-idle --json`, which must end well; returns the summary, whose figures must add up."""
        ran = self.run("up", *self._parts(), *arguments, "--exit-when-idle", "--json", seconds=seconds)
        assert ran.code == 0, ran.err + self.log_tail()
        summary: dict[str, Any] = ran.json
        assert summary["mails"] == summary["decisions"] + summary["duplicates"] + summary["dead_letters"], summary
        return summary

    @contextmanager
    def started(self, *arguments: str) -> Iterator["Up"]:
        """`up` in a session of its own, stopped in order at the end (killed when that takes too long)."""
        self.home.parent.mkdir(parents=True, exist_ok=True)
        output = self.home.parent / f"{self.home.name}.out"
        errors = self.home.parent / f"{self.home.name}.err"
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(
                [COMMAND, "up", *self._parts(), *arguments],
                stdout=out,
                stderr=err,
                env=self._environment({}),
                cwd=self.home.parent,
                start_new_session=True,
            )
        running = Up(self, process, output, errors)
        try:
            yield running
        finally:
            running.end()

    def leads(self) -> list[dict[str, Any]]:
        """The stand-in's leads, without what depends on the moment."""
        journal = self.home / "odoo.journal"
        if not journal.exists():
            return []
        copy = shutil.copy(journal, self.home / "odoo.journal.copy")
        store = Store(Path(copy))
        try:
            return [dict(record) for _, record in sorted(store.tables["crm.lead"].items())]
        finally:
            store.close()

    def notes(self) -> list[str]:
        """The bodies of the messages that the stand-in holds."""
        copy = shutil.copy(self.home / "odoo.journal", self.home / "odoo.journal.copy")
        store = Store(Path(copy))
        try:
            return sorted(str(record.get("body")) for record in store.tables["mail.message"].values())
        finally:
            store.close()

    def logs(self) -> dict[str, str]:
        """What each process wrote, by its name."""
        return {path.stem: path.read_text("utf-8", "replace") for path in sorted((self.home / "logs").glob("*.log"))}

    def log_tail(self) -> str:
        """The end of every log, for a failure's text."""
        return "".join(f"\n--- {name}\n{text[:1500]}\n…\n{text[-1500:]}" for name, text in self.logs().items())

    def what_is_left(self, dsn: str | None) -> str:
        """How far the work is and what is unfinished, for a failure's text."""

        async def look() -> list[str]:
            database = await connect(dsn or "", name="tests", pool_size=1)
            try:
                rows = [await database.fetch(sql) for sql in (HOW_FAR, UNFINISHED)]
            finally:
                await database.close()
            return [words([f"{name}={value}" for name, value in row.items()]) for found in rows for row in found]

        try:
            return "\n".join(asyncio.run(look()))
        except MaildeskError as error:
            return f"what is left is not known: {error.text}"

    def query(self, look: Callable[[Database], Awaitable[T]]) -> T:
        """Ask the database from code that is not async."""
        return asyncio.run(self.ask(look))

    async def ask(self, look: Callable[[Database], Awaitable[T]]) -> T:
        """Ask the database."""
        assert self.dsn is not None
        database = await connect(self.dsn, name="tests", pool_size=1)
        try:
            return await look(database)
        finally:
            await database.close()

    def _parts(self) -> tuple[str, ...]:
        kafka = ("--kafka", self.kafka) if self.kafka else ()
        return (*kafka, *(("--postgres", self.dsn) if self.dsn else ()))

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAILDESK_", "PG"))}
        given = {"MAILDESK_STATE_DIR": str(self.home), **({"MAILDESK_POSTGRES_DSN": self.dsn} if self.dsn else {})}
        return {**kept, "COLUMNS": "300", **given, **self.env, **more}


@dataclass(slots=True)
class Up:
    """A running `maildesk up`."""

    desk: Desk
    process: "subprocess.Popen[bytes]"
    output: Path
    errors: Path

    @property
    def note(self) -> dict[str, Any]:
        """What it says of itself to other commands; empty until it does."""
        try:
            found: dict[str, Any] = json.loads((self.desk.home / "up.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    @property
    def ports(self) -> dict[str, int]:
        """Where each service serves its health pages; empty until it is known."""
        found: dict[str, int] = self.note.get("services", {})
        return found

    def get(self, service: str, path: str) -> Answer:
        """A health page; status 0 while nobody answers."""
        return page(self.ports[service], path) if service in self.ports else Answer(0, "")

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Until every service says that it is ready."""
        self.wait(lambda: all(self.get(name, "/readyz").status == 200 for name in SERVICES), "ready", seconds)

    def wait(self, holds: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Until it holds. Fails with the logs when it does not in time, or when `up` ends before."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, f"up ended while waiting for: {what}\n{self.said()}"
            assert time.monotonic() < deadline, f"not {what} after {seconds:.0f} s\n{self.said()}{self.desk.log_tail()}"
            time.sleep(0.1)

    def said(self) -> str:
        """What it wrote on standard error."""
        return self.errors.read_text("utf-8", "replace")

    def result(self, seconds: float = RUN_SECONDS) -> dict[str, Any]:
        """Wait for a good end; the summary."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            left = self.desk.what_is_left(self.note.get("postgres"))
            pytest.fail(f"up did not end in {seconds:.0f} s\n{left}\n{self.said()}{self.desk.log_tail()}")
        assert code == 0, self.said() + self.desk.log_tail()
        summary: dict[str, Any] = json.loads(self.output.read_text())
        return summary

    def family(self) -> list[psutil.Process]:
        """Its processes, `up` first."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def child(self, module: str) -> psutil.Process | None:
        """The child that runs a module, such as `services.ingest`; None between its death and its restart."""
        for process in psutil.Process(self.process.pid).children():
            try:
                if module in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def kill_all(self) -> None:
        """SIGKILL to everything at once, as when a machine loses power."""
        family = self.family()
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(10)
        psutil.wait_procs(family[1:], 10)

    def end(self) -> int:
        """Stop as Ctrl-C does; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise


async def new_database(server: str, name: str) -> str:
    """An empty database on a server; its URI."""
    admin = await connect(server, name="tests", pool_size=1)
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name}")
    finally:
        await admin.close()
    parts = urlsplit(server)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


def rules_file(path: Path, text: str) -> str:
    """Write a rules file; its name for the command line."""
    path.write_text(text)
    return str(path)


def words(values: Sequence[object]) -> str:
    """For a failure's text."""
    return ", ".join(map(str, values))
