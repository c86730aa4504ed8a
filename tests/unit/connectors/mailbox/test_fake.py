import asyncio
import time

import pytest

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.port import MailboxConnection, Reference, Unreadable, UnsupportedError
from runtime.errors import OutcomeUnknownError, TargetDownError

RAW = b"Subject: x\r\n\r\nbody\r\n"


def known(uri: str) -> Reference:
    return Reference(uri, digest(RAW), header_digest(RAW), len(RAW), None)


async def test_it_is_a_mailbox_connection() -> None:
    mailbox: MailboxConnection = FakeMailbox()
    assert await mailbox.folders() == ["INBOX", "Archive", "Sent"]


async def test_down() -> None:
    fake = FakeMailbox()
    uri = fake.deliver(RAW)
    fake.faults.down = True
    with pytest.raises(TargetDownError):
        await fake.read(uri)
    fake.faults.down = False
    assert await fake.read(uri) == RAW


async def test_lost_before_and_after_the_effect() -> None:
    fake = FakeMailbox()
    uri = fake.deliver(RAW)
    fake.faults.lose_before = 1
    with pytest.raises(TargetDownError):
        await fake.set_starred(uri, starred=True)
    assert fake.effects == []
    fake.faults.lose_after = 1
    with pytest.raises(OutcomeUnknownError):
        await fake.set_starred(uri, starred=True)
    await fake.set_starred(uri, starred=True)
    assert fake.effects == [("flags", uri, "+\\Flagged")]
    fake.faults.lose_after = 1
    with pytest.raises(OutcomeUnknownError):
        await fake.move(known(uri), uri, "Archive")
    moved = await fake.move(known(uri), uri, "Archive")
    assert await fake.locate(known(uri)) == moved
    assert len(fake.effects) == 2


async def test_slow() -> None:
    fake = FakeMailbox()
    fake.faults.delay = 0.05
    start = time.monotonic()
    await asyncio.gather(fake.folders(), fake.folders())
    assert time.monotonic() - start >= 0.05


async def test_what_the_server_lacks() -> None:
    fake = FakeMailbox()
    uri = fake.deliver(RAW)
    fake.faults.no_keywords = fake.faults.no_move = True
    with pytest.raises(UnsupportedError):
        await fake.change_tags(uri, ("vip",), ())
    with pytest.raises(UnsupportedError):
        await fake.move(known(uri), uri, "Archive")


async def test_renewed_and_unreadable() -> None:
    fake = FakeMailbox()
    fake.deliver(RAW)
    fake.deliver(None)
    [first] = [batch async for batch in fake.scan("INBOX", None)]
    assert isinstance(first.messages[1], Unreadable)
    fake.renew("INBOX")
    [again] = [batch async for batch in fake.scan("INBOX", first.cursor)]
    assert len(again.messages) == 2
    assert first.messages[0].uri != again.messages[0].uri
