"""A Maildir that a real Dovecot serves at the same time: each sees what the other did."""

import asyncio

import pytest

from connectors.mailbox.maildir import MaildirMailbox
from connectors.mailbox.port import UnsupportedError
from tests.contract.mailbox.conftest import emptied
from tests.contract.mailbox.rigs import ImapRig, fetched, mail, reference
from tests.servers.dovecot import DovecotServer


@pytest.fixture
def account(dovecot: DovecotServer) -> ImapRig:
    """An empty account."""
    rig = emptied(dovecot)
    for folder in ("INBOX", "Archive"):
        (rig.server.maildir(rig.user) / ("" if folder == "INBOX" else f".{folder}") / "dovecot-keywords").unlink(
            missing_ok=True
        )
    return rig


async def test_dovecot_shows_tags_stars_and_moves_made_on_disk(account: ImapRig) -> None:
    disk = MaildirMailbox("disk", str(account.server.maildir(account.user)))
    for _ in range(3):
        account.deliver(mail())
    one, two, _ = await fetched(disk)
    await disk.change_tags(one.uri, ("vip", "Büro"), ())
    await disk.set_starred(one.uri, starred=True)
    await disk.change_tags(two.uri, ("other", "vip"), ())
    assert account.flags() == [{"vip", "B=C3=BCro", "\\Flagged"}, {"other", "vip"}, set()]
    await disk.move(reference(two), two.uri, "Archive")
    assert account.flags() == [{"vip", "B=C3=BCro", "\\Flagged"}, set()]
    assert account.flags("Archive") == [{"other", "vip"}]
    await disk.close()


async def test_the_disk_shows_what_dovecot_did(account: ImapRig) -> None:
    over_imap = account.open()
    disk = MaildirMailbox("disk", str(account.server.maildir(account.user)))
    account.deliver(mail())
    [message] = await fetched(over_imap)
    [file] = await fetched(disk)
    assert reference(message).digest == reference(file).digest
    await over_imap.change_tags(message.uri, ("vip", "Büro"), ())
    [again] = await fetched(disk)
    assert set(again.flags) == {"vip", "B=C3=BCro"}
    assert again.uri == file.uri
    await disk.change_tags(file.uri, ("neu",), ("vip",))
    assert account.flags() == [{"B=C3=BCro", "neu"}]
    await over_imap.move(reference(message), message.uri, "Projekte-Übersicht")
    found = await disk.locate(reference(file))
    assert "Projekte-%C3%9Cbersicht" in found
    assert await disk.read(found) == file.raw
    await over_imap.close()
    await disk.close()


async def test_both_at_once_lose_nothing(account: ImapRig) -> None:
    over_imap = account.open()
    disk = MaildirMailbox("disk", str(account.server.maildir(account.user)))
    for _ in range(20):
        account.deliver(mail())
    messages, files = await fetched(over_imap), await fetched(disk)

    async def tag_over_imap() -> None:
        for message in messages:
            await over_imap.change_tags(message.uri, ("imap",), ())

    async def tag_on_disk() -> None:
        for file in files:
            await disk.change_tags(file.uri, ("disk",), ())

    await asyncio.gather(tag_over_imap(), tag_on_disk())
    assert account.flags() == [{"imap", "disk"}] * 20
    await over_imap.close()
    await disk.close()


async def test_the_27th_keyword_is_refused(account: ImapRig) -> None:
    disk = MaildirMailbox("disk", str(account.server.maildir(account.user)))
    account.deliver(mail())
    [file] = await fetched(disk)
    for number in range(26):
        await disk.change_tags(file.uri, (f"t{number}",), ())
    with pytest.raises(UnsupportedError, match="26"):
        await disk.change_tags(file.uri, ("t26",), ())
    assert account.flags() == [{f"t{number}" for number in range(26)}]
    await disk.close()
