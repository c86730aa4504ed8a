"""Leads, activities and notifications by worker processes, on a stand-in that comes and goes."""

import asyncio
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import Any
from uuid import UUID

import pytest

from connectors.odoo.client import open_odoo
from connectors.odoo.port import OdooAccount
from runtime.errors import TransientError
from runtime.postgres import connect
from sandbox.ports import free_ports
from schemas.command import ActionCommand
from schemas.mailbox import Mailbox
from tests.integration.actions.house import House, steps
from tests.integration.actions.process import ActionsProcess
from tests.unit.services.actions.making import LEAD, command, mail, step

BOXES = ("sales", "info")


class Standin:
    """The stand-in as a process of its own, with a journal."""

    def __init__(self, home: Path) -> None:
        (self.port,) = free_ports(1)
        self._journal = home / "odoo.journal"
        self._child: Popen[bytes] | None = None
        self.account = OdooAccount(f"http://127.0.0.1:{self.port}", "maildesk", "admin", "admin")

    @property
    def settings(self) -> dict[str, str]:
        """Of a worker that uses it."""
        return {
            "MAILDESK_ODOO_URL": self.account.url,
            "MAILDESK_ODOO_DB": self.account.database,
            "MAILDESK_ODOO_LOGIN": self.account.login,
            "MAILDESK_SECRET_ODOO_PASSWORD": self.account.password,
            "MAILDESK_ACTIONS_TYPES": "crm_lead",
        }

    def launch(self) -> None:
        """Begin to start."""
        module = "connectors.odoo.standin"
        self._child = Popen([sys.executable, "-m", module, "--port", str(self.port), "--state", str(self._journal)])

    async def start(self) -> None:
        """Until it answers."""
        self.launch()
        odoo = open_odoo(self.account)
        async with asyncio.timeout(30):
            while True:
                try:
                    await odoo.version()
                    break
                except TransientError:
                    await asyncio.sleep(0.1)
        await odoo.close()

    def stop(self) -> None:
        """Away from one moment to the next."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(10)

    async def leads(self) -> list[dict[str, Any]]:
        """All of them."""
        return await self.all("crm.lead", "name", "email_from")

    async def all(self, model: str, *fields: str) -> list[dict[str, Any]]:
        """All records of a model."""
        odoo = open_odoo(self.account)
        try:
            return await odoo.search_read(model, [], fields, limit=500)
        finally:
            await odoo.close()


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[Standin]:
    """Not started yet."""
    found = Standin(tmp_path)
    yield found
    found.stop()


def lead(number: int, *, conversation: UUID | None = None, mailbox: str = "sales", **facts: Any) -> ActionCommand:
    """A command for a mail; each in a conversation of its own unless one is given."""
    event = mail(number, mailbox=mailbox, **facts)
    ids = {"event_id": uuid.uuid4(), "conversation": conversation or uuid.uuid4()}
    return command(event.model_copy(update=ids), LEAD | {"mail": "none"})


async def ready(house: House, standin: Standin, *names: str) -> list[ActionsProcess]:
    """Workers that know the mailboxes."""
    await house.mailboxes(*(Mailbox.model_validate({"id": b, "source": {"kind": "eml", "path": "/x"}}) for b in BOXES))
    workers = [house.worker(name, **standin.settings) for name in names]
    for worker in workers:
        await worker.component("postgres", ready=True)
    return workers


async def test_an_odoo_that_is_away_at_start_and_goes_away_later(house: House, standin: Standin) -> None:
    (worker,) = await ready(house, standin, "w")
    away = await worker.component("odoo", ready=False)
    assert "cannot be reached" in away["detail"]
    early = [lead(n) for n in range(1, 6)]
    await house.command(*early)
    await asyncio.sleep(1.0)
    await standin.start()
    assert {result.state for result in await house.final(*early)} == {"succeeded"}
    await worker.component("odoo", ready=True)
    standin.stop()
    late = [lead(n) for n in range(6, 11)]
    await house.command(*late)
    more = [lead(n) for n in range(11, 14)]
    await worker.component("odoo", ready=False)
    assert "paused: odoo is down" in worker.log()
    await house.command(*more)
    await standin.start()
    results = await house.final(*late, *more)
    assert {(result.state, result.reason) for result in results} == {("succeeded", "")}
    assert {result.attempt for result in results} == {1}
    assert "resumed: odoo answers again" in worker.log()
    assert sorted(row["name"] for row in await standin.leads()) == sorted(f"Offer {n}" for n in range(1, 14))


async def test_one_conversation_gives_one_lead_whoever_gets_its_mails(house: House, standin: Standin) -> None:
    await standin.start()
    await ready(house, standin, "one", "two")
    pairs = []
    for number in range(1, 7):
        conversation, root = uuid.uuid4(), (f"<root.{number}@example.org>",)
        pairs.append([lead(number, conversation=conversation, references=root) for _ in range(2)])
    # The same conversation on two partitions, as it never is, so that both workers are at it at once.
    await asyncio.gather(
        *(house.command(*(pair[n] for pair in pairs), partition=partition) for n, partition in ((0, 0), (1, 5)))
    )
    for pair in pairs:
        first, second = await house.final(*pair)
        assert first.produced.res_id == second.produced.res_id
        assert sorted(r.produced.details["reused"] for r in (first, second)) == [False, True]
    assert len(await standin.leads()) == len(pairs)


async def test_one_mail_in_two_mailboxes_gives_one_lead(house: House, standin: Standin) -> None:
    await standin.start()
    await ready(house, standin, "one", "two")
    pairs = [[lead(number, mailbox=box, message_id=f"<same.{number}@x>") for box in BOXES] for number in range(1, 7)]
    await house.command(*(each for pair in pairs for each in pair))
    for pair in pairs:
        first, second = await house.final(*pair)
        assert first.produced.res_id == second.produced.res_id
    assert len(await standin.leads()) == len(pairs)


async def test_kills_at_any_moment_leave_each_effect_in_odoo_once(house: House, standin: Standin) -> None:
    await standin.start()
    await house.mailboxes(*(Mailbox.model_validate({"id": b, "source": {"kind": "eml", "path": "/x"}}) for b in BOXES))
    types = {"MAILDESK_ACTIONS_TYPES": "crm_lead,activity,notify_user"}
    worker = house.worker("w", **standin.settings | types)
    await worker.component("postgres", ready=True)
    given = [followed(lead(number)) for number in range(1, 25)]
    random = Random(7)
    for start in range(0, len(given), 8):
        await house.command(*given[start : start + 8])
        await asyncio.sleep(random.uniform(0.3, 1.5))
        worker.end(signal.SIGKILL)
        worker.start()
    commands = [each for slip in given for each in steps(slip)]
    results = await house.final(*commands, seconds=120.0)
    assert {(result.state, result.reason) for result in results} == {("succeeded", "")}
    names = sorted(f"Offer {number}" for number in range(1, 25))
    leads = await standin.leads()
    assert sorted(row["name"] for row in leads) == names
    assert sorted(row["subject"] for row in await standin.all("mail.message", "subject")) == names
    activities = await standin.all("mail.activity", "summary", "res_model", "res_id")
    on = {row["res_id"]: row["summary"] for row in activities if row["res_model"] == "crm.lead"}
    assert len(activities) == len(given)
    assert on == {row["id"]: row["name"] for row in leads}
    database = await connect(house.dsn, name="tests", pool_size=1)
    try:
        for each in commands:
            assert [result.state for result in await house.results(database, each)].count("succeeded") == 1
    finally:
        await database.close()


def followed(first: ActionCommand) -> ActionCommand:
    """With an activity on what it makes, and a notification of it."""
    actions: list[dict[str, Any]] = [
        {"id": "call", "type": "activity"},
        {"id": "tell", "type": "notify_user", "users": ["admin"]},
    ]
    return first.model_copy(update={"slip": tuple(step(action) for action in actions)})
