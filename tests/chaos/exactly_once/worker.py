# ruff: noqa: ARG002 - the real clients wait for their servers as part of a process
"""The worker process: the real service, on the table of topics; the first of two dies on the way."""

import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from connectors.mailbox.port import MailboxConnection
from connectors.odoo.port import Odoo, OdooAccount
from connectors.smtp.port import SmtpConnection
from runtime.kafka import CompactedReader, Consumer, Producer, Received
from runtime.postgres import Database, connect
from runtime.service import Process, run_service
from schemas.mailbox import Mailbox
from schemas.topics import AUTOMATION_RULES, action_topic
from services.actions.bootstrap import run
from services.actions.clients import Clients
from services.actions.settings import ActionsSettings
from tests.chaos.exactly_once.death import (
    Death,
    MortalConsumer,
    MortalDatabase,
    MortalProducer,
    MortalSmtp,
    MortalTarget,
)
from tests.chaos.exactly_once.log import LogConsumer, LogProducer, LogReader
from tests.chaos.exactly_once.points import Point

MAILBOX_READS = ("folders", "scan", "read", "locate", "locate_many", "find_copy", "close")
ODOO_READS = ("version", "fields_get", "search_read", "resolve_external_ids", "find_message", "close")


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is started with. `point` None: it lives."""

    settings: dict[str, str]
    log: Path
    note: Path
    point: Point | None = None
    calls: int = 1


def work(order: Order) -> None:
    """The whole life of the process, which was forked for this."""
    output = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(order.settings)
    settings = ActionsSettings()

    async def act(process: Process) -> None:
        death = Death(order.point, order.calls, order.note) if order.point else None
        await run(process, settings, LogClients(settings) if death is None else MortalClients(settings, death))

    sys.exit(run_service(settings.service, settings, act))


class LogClients(Clients):
    """Everything is real but the topics."""

    def __init__(self, settings: ActionsSettings) -> None:
        super().__init__(settings)
        self._log: Database | None = None

    async def producer(self, process: Process, stack: AsyncExitStack) -> Producer:
        return cast("Producer", LogProducer(await self.log(stack)))

    async def consumer(self, process: Process, stack: AsyncExitStack, action_type: str) -> Consumer:
        return cast("Consumer", LogConsumer(await self.log(stack), action_topic(action_type)))

    async def rules(self, process: Process, stack: AsyncExitStack) -> tuple[CompactedReader, list[Received]]:
        reader = LogReader(await self.log(stack), AUTOMATION_RULES.name)
        return cast("CompactedReader", reader), await reader.poll(0.0)

    async def log(self, stack: AsyncExitStack) -> Database:
        """A pool of their own for all three: the broker is no part of the store."""
        if self._log is None:
            self._log = await connect(self._settings.postgres_dsn.get_secret_value(), name="log", pool_size=3)
            stack.push_async_callback(self._log.close)
        return self._log


class MortalClients(LogClients):
    """They kill the process at its point."""

    def __init__(self, settings: ActionsSettings, death: Death) -> None:
        super().__init__(settings)
        self._death = death

    async def database(self, process: Process, stack: AsyncExitStack) -> Database:
        return cast("Database", MortalDatabase(await super().database(process, stack), self._death))

    async def producer(self, process: Process, stack: AsyncExitStack) -> Producer:
        return cast("Producer", MortalProducer(await self.log(stack), self._death))

    async def consumer(self, process: Process, stack: AsyncExitStack, action_type: str) -> Consumer:
        return cast("Consumer", MortalConsumer(await self.log(stack), action_topic(action_type), self._death))

    def mailbox(self, mailbox: Mailbox) -> MailboxConnection:
        return cast("MailboxConnection", MortalTarget(super().mailbox(mailbox), MAILBOX_READS, self._death))

    def smtp(self, mailbox: Mailbox) -> SmtpConnection:
        return MortalSmtp(super().smtp(mailbox), self._death)

    def odoo(self, account: OdooAccount) -> Odoo:
        return cast("Odoo", MortalTarget(super().odoo(account), ODOO_READS, self._death))
