"""Many messages at once on a real IMAP server: a folder that is replaced, no MOVE, and connections that break."""

from pathlib import Path

import pytest

from connectors.mailbox.changes import Changed, Move, StarChange
from connectors.mailbox.port import Fetched, MailboxConnection, MessageGoneError
from runtime.errors import OutcomeUnknownError
from tests.contract.mailbox.conftest import emptied
from tests.contract.mailbox.rigs import ImapRig, fetched, mail, reference
from tests.servers.cutting_proxy import cutting_proxy
from tests.servers.dovecot import DovecotServer, running_dovecot

STAR = StarChange(starred=True)


@pytest.fixture
def account(dovecot: DovecotServer) -> ImapRig:
    """An empty account on the server with everything."""
    return emptied(dovecot)


async def delivered(rig: ImapRig, mailbox: MailboxConnection, folder: str = "INBOX") -> list[Fetched]:
    for _ in range(4):
        rig.deliver(mail(), folder)
    return await fetched(mailbox, folder)


async def test_a_folder_that_is_replaced_after_the_look_is_never_touched(account: ImapRig) -> None:
    mailbox = account.open()
    messages = await delivered(account, mailbox, "Archive")
    await mailbox.change_many(STAR, [(reference(messages[0]), messages[0].uri)])  # the folder is open for writing now
    located = await mailbox.locate_many([reference(message) for message in messages])
    assert located == [message.uri for message in messages]
    with account.admin() as admin:
        admin.delete_folder("Archive")
        admin.create_folder("Archive")
    other = account.open()
    others = await delivered(account, other, "Archive")
    await other.close()
    assert [m.position.uid for m in others] == [m.position.uid for m in messages]
    places = [(reference(message), message.uri) for message in messages]
    for change in (STAR, Move("INBOX")):
        answers = await mailbox.change_many(change, places)
        assert {type(answer) for answer in answers} == {MessageGoneError}
    assert account.flags("Archive") == [set()] * 4
    assert account.flags() == []
    await mailbox.close()


async def test_without_move_each_is_copied_and_expunged(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, move=False) as server:
        rig = ImapRig(server)
        mailbox = rig.open()
        messages = await delivered(rig, mailbox)
        places = [(reference(message), message.uri) for message in messages[1:]]
        answers = await mailbox.change_many(Move("Archive"), places)
        assert await mailbox.change_many(Move("Archive"), places) == answers
        for message, answer in zip(messages[1:], answers, strict=True):
            assert isinstance(answer, Changed)
            assert await mailbox.read(answer.uri) == message.raw
        assert (len(rig.flags()), len(rig.flags("Archive"))) == (1, 3)
        await mailbox.close()


@pytest.mark.parametrize("command", [b"STORE", b"MOVE"])
@pytest.mark.parametrize("late", [False, True])
async def test_a_break_at_a_grouped_change_is_unknown_and_a_repeat_ends_it(
    account: ImapRig, command: bytes, late: bool
) -> None:
    change = STAR if command == b"STORE" else Move("Archive")
    with cutting_proxy(account.server.host, account.server.port) as proxy:
        account.port = proxy.port
        mailbox = account.open()
        messages = await delivered(account, mailbox)
        places = [(reference(message), message.uri) for message in messages]
        proxy.cut_at(command, "after" if late else "before")
        answers = await mailbox.change_many(change, places)
        assert {type(answer) for answer in answers} == {OutcomeUnknownError}
        again = await mailbox.change_many(change, places)
        for message, answer in zip(messages, again, strict=True):
            assert isinstance(answer, Changed)
            assert await mailbox.read(answer.uri) == message.raw
        await mailbox.close()
    assert (
        account.flags("INBOX" if command == b"STORE" else "Archive")
        == [{"\\Flagged"} if command == b"STORE" else set[str]()] * 4
    )
