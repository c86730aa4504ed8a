"""Automatic replies by a real worker, over real SMTP, with kill -9 at any moment."""

import asyncio
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from random import Random

import pytest

from schemas.command import ActionCommand
from schemas.mail import Address
from schemas.mailbox import Mailbox
from tests.contract.mailbox.rigs import MaildirRig, mail
from tests.integration.actions.doing import event_of
from tests.integration.actions.house import House
from tests.integration.actions.maildirs import maildir, seen
from tests.servers.smtp import SmtpServer, running_smtp
from tests.unit.services.actions.making import REPLY, command

SUPPORT = "support@company.example"
MAILS = 12
KILLS = 4


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """The mailbox's own server."""
    with running_smtp() as server:
        yield server


def answering(folder: Path, port: int) -> tuple[MaildirRig, Mailbox]:
    """A Maildir whose mail is answered; copies go to Archive."""
    rig, box = maildir(folder)
    outgoing = {"host": "127.0.0.1", "port": port, "security": "none", "address": SUPPORT}
    source = {"kind": "maildir", "path": str(folder), "sent": "Archive"}
    return rig, Mailbox.model_validate(box.model_dump() | {"source": source, "outgoing": outgoing})


async def asks(rig: MaildirRig) -> ActionCommand:
    """A mail that has just come, in a conversation of its own, and the command that answers it."""
    known = {message.uri for message in await seen(rig)}
    rig.deliver(mail())
    (message,) = [message for message in await seen(rig) if message.uri not in known]
    now = datetime.now(UTC)
    facts = {"event_id": uuid.uuid4(), "conversation": uuid.uuid4(), "received_at": now, "recorded_at": now}
    person = Address(address=f"{uuid.uuid4().hex}@example.org")
    event = event_of(message).model_copy(update={**facts, "sender": person, "to": (Address(address=SUPPORT),)})
    return command(event, REPLY)


def mails_of(smtp: SmtpServer, given: ActionCommand) -> int:
    """How many replies to this mail the server has."""
    asked = given.event.message_id
    return sum(message_from_bytes(taken.message)["In-Reply-To"] == asked for taken in smtp.taken)


async def copies_of(rig: MaildirRig, given: ActionCommand) -> int:
    """How many copies of the reply are in Sent."""
    copies = [message_from_bytes(message.raw) for message in await seen(rig, "Archive")]
    return sum(copy["In-Reply-To"] == given.event.message_id for copy in copies)


async def test_kills_at_any_moment_never_give_two_mails(house: House, smtp: SmtpServer, tmp_path: Path) -> None:
    rig, box = answering(tmp_path / "maildir", smtp.port)
    await house.mailboxes(box)
    commands = [await asks(rig) for _ in range(MAILS)]
    worker = house.worker("w")
    await worker.component("postgres", ready=True)
    random = Random(7)
    for start in range(0, MAILS, MAILS // KILLS):
        await house.command(*commands[start : start + MAILS // KILLS])
        await asyncio.sleep(random.uniform(0.0, 1.0))
        worker.end(signal.SIGKILL)
        worker.start()
    results = await house.final(*commands)
    ends = Counter((result.state, result.reason) for result in results)
    assert set(ends) <= {("succeeded", ""), ("failed", "outcome-unknown")}
    assert ends["succeeded", ""] >= MAILS - KILLS * 3
    for given, result in zip(commands, results, strict=True):
        mails, copies = mails_of(smtp, given), await copies_of(rig, given)
        assert (mails, copies) == (1, 1) if result.state == "succeeded" else mails <= 1, result
    assert worker.end(signal.SIGTERM) == 0
