"""The effect with a real SMTP server and a real Dovecot: the copy in Sent, and what a look finds there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from connectors.smtp.client import open_smtp
from runtime.clock import FakeClock
from schemas.mailbox import Mailbox
from services.actions.connections import Connections
from services.actions.effects.auto_reply import AutoReply, ReplyParts, ReplyPolicy
from services.actions.memory import MemoryStore
from services.actions.model import Job
from services.actions.replies.caps import Caps
from services.actions.replies.memory_book import MemoryReplyBook
from services.actions.sending import Sending
from services.actions.states import State
from tests.contract.mailbox.rigs import ImapRig, fetched
from tests.servers.dovecot import running_dovecot
from tests.servers.smtp import SmtpServer, running_smtp
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known, new
from tests.unit.services.actions.replies.answered import OUTGOING, asked, reply_to

YEARS = timedelta(days=9_999)


class House:
    """An effect on a Dovecot account that sends by a real server."""

    def __init__(self, rig: ImapRig, smtp: SmtpServer) -> None:
        self.rig, self.smtp = rig, smtp
        clock = FakeClock()
        self.store, self.book = MemoryStore(clock), MemoryReplyBook(clock)
        source = rig.mailbox().source.model_copy(update={"sent": "Projekte-Übersicht"})
        box = Mailbox.model_validate(
            {"id": "support", "source": source.model_dump(), "outgoing": OUTGOING | {"port": smtp.port}}
        )
        self.connections = Connections(known(box), lambda _: rig.open())
        parts = ReplyParts(
            lambda mailbox: open_smtp(mailbox, lambda _: ""), self.book, Sending(self.store), ReplyPolicy(Caps(), YEARS)
        )
        self.effect = AutoReply(self.connections, known(box), parts, clock)

    async def leased(self) -> Job:
        """The command under a lease in the store."""
        given = reply_to(asked())
        async with self.store.unit() as unit:
            await unit.insert_commands([new(given)])
        async with self.store.unit() as unit:
            taken = await unit.take_leases([(given.command_id, State.RUNNING, 1)], timedelta(seconds=300), "w")
        return replace(job(given), fence=taken[given.command_id][0])

    async def copies(self) -> list[bytes]:
        connection = self.rig.open()
        try:
            return [message.raw for message in await fetched(connection, "Projekte-Übersicht")]
        finally:
            await connection.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Both servers run."""
    with running_dovecot(tmp_path) as dovecot, running_smtp() as smtp:
        yield House(ImapRig(dovecot), smtp)


async def test_the_copy_is_what_went_out_and_is_read(house: House) -> None:
    given = await house.leased()
    (answer,) = await house.effect.do([given])
    assert answer.text == "replied to anna@example.org", answer
    assert await house.copies() == [house.smtp.taken[0].message]
    assert house.rig.flags("Projekte-Übersicht") == [{"\\Seen"}]
    sending = replace(given, row=replace(given.row, state=State.SENDING))
    again = await house.effect.find(sending)
    assert again is not None
    assert len(await house.copies()) == 1
    await house.connections.close()


async def test_a_look_finds_what_somebody_put_there_and_nothing_else(house: House) -> None:
    given = await house.leased()
    house.smtp.trouble = "lost after message"
    await house.effect.do([given])
    assert given.stage.state is State.SENDING
    looking = replace(given, row=replace(given.row, state=State.SENDING))
    assert await house.effect.find(looking) is None
    (taken,) = house.smtp.taken
    house.rig.deliver(taken.message, "Projekte-Übersicht")
    found = await house.effect.find(looking)
    assert found is not None
    assert found.details["message_id"] == message_from_bytes(taken.message)["Message-ID"]
    assert len(await house.copies()) == 1
    await house.connections.close()
