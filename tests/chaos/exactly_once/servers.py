"""What all of these tests share: one IMAP server, one Odoo, and a few databases that are emptied in between."""

import asyncio
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.odoo.port import OdooAccount
from connectors.odoo.standin.app import StandIn, create_app
from connectors.odoo.standin.apps import App
from runtime.migrations import migrate
from runtime.postgres import connect
from sandbox.ports import free_ports
from schemas.mailbox import Mailbox
from tests.chaos.exactly_once import log
from tests.chaos.exactly_once.worker import Order, work
from tests.contract.mailbox.rigs import ImapRig
from tests.contract.odoo.conftest import SETTINGS
from tests.integration.actions.house import make_database
from tests.servers.dovecot import running_dovecot

AT_ONCE = 6
"""Tests under way together: mostly they wait."""
APPS: tuple[App, ...] = ("crm", "helpdesk_mgmt")
EMPTY = """
TRUNCATE actions.command, actions.claim, actions.placement, actions.outbox, log.record, log.position RESTART IDENTITY
"""


class Account(ImapRig):
    """One account for all: every test has a mail of its own in it."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        with self.admin() as admin:
            if not admin.folder_exists("Sent"):
                admin.create_folder("Sent")

    def sending(self, port: int) -> Mailbox:
        """The account as a mailbox that answers by that server."""
        outgoing = {"host": "127.0.0.1", "port": port, "security": "none", "address": "support@company.example"}
        return Mailbox.model_validate(self.mailbox().model_dump() | {"outgoing": outgoing})


@dataclass
class Servers:
    """Databases are lent; processes are forked from one that has imported everything."""

    home: Path
    account: Account
    odoo: OdooAccount
    given: bool
    """Whether that is a real one, which others use too."""
    databases: "queue.Queue[str]" = field(default_factory=queue.Queue)
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def start(self, order: Order) -> ForkServerProcess:
        """A worker process."""
        made = FORKS.Process(target=work, args=(order,))
        with self._asking:
            made.start()
        return made

    def exit_code(self, worker: ForkServerProcess) -> int | None:
        """None while it lives. By one thread at a time: to start one, Python asks for the ends of all, an end can be
        read once only, and whoever comes second is told 255.
        """
        with self._asking:
            return worker.exitcode

    async def ended(self, worker: ForkServerProcess, seconds: float) -> int | None:
        """The exit code; None when it lives on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (code := self.exit_code(worker)) is not None:
                return code
            await asyncio.sleep(0.02)
        return None

    @contextmanager
    def database(self) -> Iterator[str]:
        """Migrated and empty."""
        dsn = self.databases.get()
        try:
            yield dsn
        finally:
            self.databases.put(dsn)


FORKS = multiprocessing.get_context("forkserver")
"""Threads of the tests fork nothing themselves; a worker starts in a few hundredths of a second."""


@contextmanager
def running(home: Path, postgres: str) -> Iterator[Servers]:
    """All of them, until the end."""
    FORKS.set_forkserver_preload(["tests.chaos.exactly_once.servers", "pytest"])
    with ExitStack() as stack:
        account = Account(stack.enter_context(running_dovecot(home)))
        given = all(os.environ.get(name) for name in SETTINGS)
        made = Servers(home, account, stack.enter_context(_odoo(given)), given)
        for dsn in asyncio.run(_databases(postgres, f"maildesk_once_{os.getpid()}")):
            made.databases.put(dsn)
        yield made


async def _databases(server: str, name: str) -> list[str]:
    """The first is migrated, the others are its copies."""
    first = await make_database(server, f"{name}_0")
    database = await connect(first, name="tests", pool_size=1)
    try:
        await migrate(database, "actions")
        await database.execute(log.SCHEMA)
    finally:
        await database.close()
    copies = [f"{name}_{number}" for number in range(1, AT_ONCE)]
    return [first, *[await make_database(server, copy, template=f"{name}_0") for copy in copies]]


@contextmanager
def _odoo(given: bool) -> Iterator[OdooAccount]:
    """The given one, else the stand-in in a process of its own."""
    if given:
        yield OdooAccount(*(os.environ[name] for name in SETTINGS))
        return
    (port,) = free_ports(1)
    process = FORKS.Process(target=_serve, args=(port,), daemon=True)
    process.start()
    yield OdooAccount(f"http://127.0.0.1:{port}", "maildesk", "admin", "admin")
    process.terminate()
    process.join(10)


def _serve(port: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def serve() -> None:
        runner = web.AppRunner(create_app(StandIn(apps=APPS)), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    asyncio.run(serve())
