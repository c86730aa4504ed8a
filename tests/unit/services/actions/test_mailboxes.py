"""The mailboxes as the topic has them, and the connections to them."""

from typing import cast

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.port import MailboxConnection
from runtime.kafka import Received
from schemas.mailbox import Mailbox
from schemas.registry import MailboxRegistry
from schemas.rule import MailboxChanged, RulesetPublished
from services.actions.connections import Connections
from services.actions.effects.port import DeclinedError
from tests.unit.services.actions.making import known, mailbox, publish
from tests.unit.services.actions.records import received


def changed(box: Mailbox) -> Received:
    return received(MailboxChanged(version=1, mailbox=box))


def test_a_version_takes_effect_as_a_whole() -> None:
    mailboxes = MailboxRegistry()
    mailboxes.take([changed(mailbox("a")), changed(mailbox("b"))])
    assert mailboxes.get("a") is None
    mailboxes.take([received(RulesetPublished(version=4))])
    assert (mailboxes.get("a"), mailboxes.version) == (mailbox("a"), 4)


def test_a_record_without_a_value_deletes() -> None:
    mailboxes = known(mailbox("a"))
    mailboxes.take([Received("t", 0, 1, b"mailbox/a", None, (), 0), received(RulesetPublished(version=5))])
    assert mailboxes.get("a") is None


def test_what_cannot_be_read_leaves_the_mailbox_as_it_was() -> None:
    mailboxes = known(mailbox("a"))
    mailboxes.take([Received("t", 0, 1, b"mailbox/a", b"{}", (), 0), received(RulesetPublished(version=5))])
    assert mailboxes.get("a") == mailbox("a")


class Closing(FakeMailbox):
    """Notes that it was closed."""

    closed = 0

    async def close(self) -> None:
        self.closed += 1


async def test_a_mailbox_is_opened_once_and_again_when_its_source_changes() -> None:
    opened: list[Closing] = []

    def opens(box: Mailbox) -> MailboxConnection:
        opened.append(Closing(box.id))
        return cast("MailboxConnection", opened[-1])

    mailboxes = known()
    connections = Connections(mailboxes, opens)
    assert await connections.get("support") is await connections.get("support")
    publish(mailboxes, mailbox(automation=False))
    assert await connections.get("support") is cast("MailboxConnection", opened[0])
    publish(mailboxes, mailbox(source={"kind": "maildir", "path": "/elsewhere"}))
    assert await connections.get("support") is cast("MailboxConnection", opened[1])
    assert [each.closed for each in opened] == [1, 0]
    await connections.close()
    assert [each.closed for each in opened] == [1, 1]


async def test_a_mailbox_that_is_gone_is_declined() -> None:
    connections = Connections(MailboxRegistry(), lambda box: cast("MailboxConnection", FakeMailbox(box.id)))
    with pytest.raises(DeclinedError, match="does not exist any more"):
        await connections.get("support")
