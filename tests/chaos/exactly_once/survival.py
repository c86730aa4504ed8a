"""One combination: a worker is killed at the point, a second one of the same name ends what it began."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from connectors.mailbox.port import Fetched
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Odoo
from runtime.kafka import Outgoing
from runtime.postgres import Database, connect
from schemas.command import ActionCommand
from schemas.envelope import encode
from schemas.mailbox import Mailbox
from schemas.result import ExecutionResult
from schemas.rule import MailboxChanged, RulesetPublished
from schemas.topics import AUTOMATION_RESULTS, AUTOMATION_RULES, action_topic
from services.actions.effects.attach_to_record import AttachToRecord
from services.actions.effects.notify_channel import NotifyChannel
from tests.chaos.exactly_once import log
from tests.chaos.exactly_once.effects import Case, Row
from tests.chaos.exactly_once.points import Point, done
from tests.chaos.exactly_once.servers import EMPTY, Servers
from tests.chaos.exactly_once.worker import Order
from tests.contract.effects.cases import clean, raw_mail
from tests.contract.mailbox.rigs import fetched
from tests.contract.odoo.conftest import Site
from tests.contract.odoo.conftest import connect as connect_odoo
from tests.integration.actions.desks import OdooDesk
from tests.servers.smtp import SmtpServer, running_smtp

SECONDS = 40.0
STEPS = {Point.DATA: "DATA", Point.ANSWER_LOST: "message"}
"""Steps of the SMTP dialogue at whose arrival the server has the worker killed."""
UNDONE = """
SELECT (SELECT state FROM actions.command) AS state,
       (SELECT count(*) FROM actions.outbox WHERE published_at IS NULL) AS unpublished
"""
END_OF_LEASE = "UPDATE actions.command SET lease_until = now() WHERE lease_until > now()"
"""What only time does, for those that a worker does not take up at its start."""
UNKEYED = frozenset(kind.type for kind in (AttachToRecord, NotifyChannel))
FINAL = ("succeeded", "failed", "skipped")


def survive(servers: Servers, row: Row, point: Point) -> None:
    """Raises AssertionError when anything is there twice, or not at all."""
    with servers.database() as dsn, running_smtp() as smtp:
        asyncio.run(_Survival(servers, smtp, dsn, row, point).run())


class _Survival:
    def __init__(self, servers: Servers, smtp: SmtpServer, dsn: str, row: Row, point: Point) -> None:
        self._servers = servers
        self._smtp = smtp
        self._dsn = dsn
        self._row = row
        self._point = point

    async def run(self) -> None:
        async with AsyncExitStack() as stack:
            database = await connect(self._dsn, name="tests", pool_size=1)
            stack.push_async_callback(database.close)
            await database.execute(EMPTY)
            case = await self._case(stack)
            given, count = await self._row.make(case)
            await self._publish(database, given)
            await self._killed(given)
            assert await count() == self._at_the_kill(), "it was not killed there"
            if self._row.type in UNKEYED:
                await database.execute(END_OF_LEASE)
            await self._finished(database, given)
            await self._check_log(database, given)
            ended = self._row.end(self._point).state == "succeeded"
            assert await count() == ([1] * self._row.calls if ended else self._at_the_kill())

    async def _case(self, stack: AsyncExitStack) -> Case:
        account = self._servers.odoo
        client = connect_odoo(account)
        stack.push_async_callback(client.close)
        desk = OdooDesk(Site(account, client, "maildesk_once", None))
        await self._require(client)
        if self._servers.given:
            stack.push_async_callback(clean, desk)
        await asyncio.to_thread(self._servers.account.deliver, raw_mail(desk))
        return Case(self._servers.account, self._smtp, desk, await self._found(desk.ident(1)))

    async def _require(self, odoo: Odoo) -> None:
        try:
            await odoo.fields_get(self._row.needs)
        except ModelMissingError:
            pytest.skip(f"this Odoo has no {self._row.needs}")

    async def _found(self, ident: str) -> Fetched:
        connection = self._servers.account.open()
        try:
            (message,) = [each for each in await fetched(connection) if ident.encode() in each.raw]
        finally:
            await connection.close()
        return message

    async def _publish(self, database: Database, given: ActionCommand) -> None:
        box: Mailbox = self._servers.account.sending(self._smtp.port)
        changes = [
            encode(each, "/tests") for each in (MailboxChanged(version=1, mailbox=box), RulesetPublished(version=1))
        ]
        records = [Outgoing(AUTOMATION_RULES.name, *change) for change in changes]
        await log.publish(database, [*records, Outgoing(action_topic(given.type), *encode(given, "/tests"))])

    def _order(self, given: ActionCommand, point: Point | None) -> Order:
        odoo, name = self._servers.odoo, f"{self._row.type}-{given.command_id.hex[:8]}"
        settings = {
            "MAILDESK_POSTGRES_DSN": self._dsn,
            "MAILDESK_POSTGRES_POOL": "4",
            "MAILDESK_ACTIONS_TYPES": self._row.type,
            "MAILDESK_ACTIONS_WORKER": name,
            "MAILDESK_ACTIONS_RETRY_FIRST_SECONDS": "0.2",
            "MAILDESK_SECRET_PASSWORD": self._servers.account.password,
            "MAILDESK_ODOO_URL": odoo.url,
            "MAILDESK_ODOO_DB": odoo.database,
            "MAILDESK_ODOO_LOGIN": odoo.login,
            "MAILDESK_SECRET_ODOO_PASSWORD": odoo.password,
        }
        home: Path = self._servers.home
        return Order(settings, home / f"{name}.log", home / f"{name}.note", point, self._row.calls)

    async def _killed(self, given: ActionCommand) -> None:
        """The first worker, which must have died of SIGKILL at the point and nowhere else."""
        order = self._order(given, self._point)
        worker = self._servers.start(order)
        if self._row.type == "auto_reply" and self._point in STEPS:
            self._smtp.at = _killer(worker, STEPS[self._point], order)
        code = await self._servers.ended(worker, SECONDS)
        self._smtp.at = None
        if code is None:
            worker.kill()
            raise AssertionError(f"it passed {self._point} by:\n{order.log.read_text()[-3000:]}")
        assert code == -signal.SIGKILL, f"exit code {code}:\n{order.log.read_text()[-3000:]}"
        reached = done(self._point, self._row.calls)
        assert order.note.read_text() == f"{self._point} {reached}", "the table has another number of calls"

    async def _finished(self, database: Database, given: ActionCommand) -> None:
        """The second worker, asked to stop when nothing is left to do."""
        order = self._order(given, None)
        worker, end = self._servers.start(order), time.monotonic() + SECONDS
        try:
            while not await _settled(database, given):
                assert self._servers.exit_code(worker) is None, order.log.read_text()[-3000:]
                assert time.monotonic() < end, order.log.read_text()[-3000:]
                await asyncio.sleep(0.1)
        finally:
            worker.terminate()
            code = await self._servers.ended(worker, SECONDS)
        assert code == 0, f"exit code {code}:\n{order.log.read_text()[-3000:]}"

    async def _check_log(self, database: Database, given: ActionCommand) -> None:
        """One final result, whose bytes alone may be there twice, and one next step."""
        wanted = self._row.end(self._point)
        results = await log.read(database, AUTOMATION_RESULTS.name)
        assert len(results) == 1 + (self._point is Point.NOT_MARKED), results
        assert len({record.value for record in results}) == 1
        result = ExecutionResult.model_validate_json(results[0].value or b"")
        assert (result.command_id, result.state, result.reason) == (given.command_id, wanted.state, wanted.reason)
        following = given.following()
        assert following is not None
        steps = await log.read(database, action_topic(following.type))
        assert {json.loads(record.value or b"")["step"]["skip"] for record in steps} == {
            None if wanted.state == "succeeded" else "stopped: action act failed"
        }
        assert len(steps) == len(results)
        row = await database.fetchrow("SELECT state, command_id FROM actions.command")
        assert row is not None
        assert (row["state"], row["command_id"]) == (wanted.state, given.command_id)
        assert await database.fetchval("SELECT count(*) FROM actions.claim WHERE succeeded_at IS NULL") == 0

    def _at_the_kill(self) -> list[int]:
        """What the worker has done before it dies."""
        calls = self._row.calls
        already = done(self._point, calls)
        return [1] * already + [0] * (calls - already)


def _killer(worker: ForkServerProcess, fatal: str, order: Order) -> Callable[[str], None]:
    def kill(step: str) -> None:
        if step == fatal and order.point is not None:
            assert worker.pid is not None
            order.note.write_text(f"{order.point} {done(order.point, order.calls)}")
            os.kill(worker.pid, signal.SIGKILL)

    return kill


async def _settled(database: Database, given: ActionCommand) -> bool:
    row = await database.fetchrow(UNDONE)
    assert row is not None
    topic = action_topic(given.type)
    (command,) = await log.read(database, topic, limit=1)
    read = await log.committed(database, topic) >= command.offset
    return row["state"] in FINAL and not row["unpublished"] and read
