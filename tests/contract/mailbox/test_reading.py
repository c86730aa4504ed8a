"""What every kind of mailbox promises about reading."""

import dataclasses

import pytest

from connectors.mailbox.digest import digest, normalise_line_ends
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.port import FolderMissingError, MessageGoneError, Unreadable
from runtime.errors import InvalidInputError
from tests.contract.mailbox.conftest import opened
from tests.contract.mailbox.rigs import Rig, batches, fetched, mail, reference


async def test_scan_gives_every_message_oldest_first(readable: Rig) -> None:
    sent = [mail() for _ in range(7)]
    for raw in sent:
        readable.deliver(raw)
    async with opened(readable) as mailbox:
        got = await fetched(mailbox)
    assert [digest(m.raw) for m in got] == [digest(raw) for raw in sent]
    assert all(m.size == len(m.raw) for m in got)
    assert all(m.internal_date is None or m.internal_date.utcoffset() is not None for m in got)
    assert len({m.uri for m in got}) == len({m.position for m in got}) == 7
    assert all(m.uri.isascii() for m in got)


async def test_an_empty_mailbox_has_no_batches(readable: Rig) -> None:
    async with opened(readable) as mailbox:
        assert await batches(mailbox) == []


async def test_after_the_cursor_comes_what_is_new_and_nothing_is_left_out(readable: Rig) -> None:
    first, second = mail(), mail()
    readable.deliver(first)
    async with opened(readable) as mailbox:
        cursor = (await batches(mailbox))[-1].cursor
        readable.deliver(second)
        again = [m for batch in await batches(mailbox, cursor=cursor) for m in batch.messages]
    digests = [digest(m.raw) for m in again if not isinstance(m, Unreadable)]
    assert digests[-1] == digest(second)
    assert set(digests) <= {digest(first), digest(second)}


async def test_an_unknown_cursor_starts_from_the_beginning(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox:
        assert len(await batches(mailbox, cursor="of another kind of source")) == 1


async def test_batches_are_bounded_in_messages_and_bytes(readable: Rig) -> None:
    for _ in range(5):
        readable.deliver(mail())
    readable.deliver(mail(size=30_000))
    readable.deliver(mail(size=30_000))
    limits = ReadLimits(batch_messages=3, batch_bytes=50_000)
    mailbox = readable.open(limits)
    got = await batches(mailbox)
    await mailbox.close()
    assert [len(batch.messages) for batch in got] == [3, 3, 1]


async def test_a_large_mail_comes_whole_and_one_above_the_limit_is_cut(readable: Rig) -> None:
    raw = mail(size=20_000_000)
    readable.deliver(raw)
    for max_size in (100_000_000, 1_000_000):
        mailbox = readable.open(ReadLimits(max_size=max_size))
        [message] = await fetched(mailbox)
        again = await mailbox.read(message.uri)
        found = await mailbox.locate(reference(message))
        await mailbox.close()
        assert message.size in (len(raw), len(normalise_line_ends(raw)))
        assert len(message.raw) == min(max_size, message.size)
        assert again == message.raw
        assert found == message.uri


async def test_reading_leaves_flags_as_they_are(readable: Rig) -> None:
    readable.deliver(mail())
    before = readable.flags()
    async with opened(readable) as mailbox:
        [message] = await fetched(mailbox)
        await mailbox.read(message.uri)
        await mailbox.locate(reference(message))
    assert readable.flags() == before
    assert all(flags == set() for flags in before)


async def test_a_message_is_read_again_by_its_uri(readable: Rig) -> None:
    for _ in range(3):
        readable.deliver(mail())
    async with opened(readable) as mailbox:
        for message in await fetched(mailbox):
            assert await mailbox.read(message.uri) == message.raw


async def test_a_message_is_located_after_someone_else_moved_it(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox:
        [message] = await fetched(mailbox)
        readable.steal(message.uri, "Archive")
        found = await mailbox.locate(reference(message))
        assert found != message.uri
        assert digest(await mailbox.read(found)) == digest(message.raw)


async def test_a_message_that_is_gone_is_said_to_be_gone(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox:
        [message] = await fetched(mailbox)
        readable.remove(message.uri)
        with pytest.raises(MessageGoneError):
            await mailbox.locate(reference(message))
        with pytest.raises(MessageGoneError):
            await mailbox.read(message.uri)


async def test_another_message_is_not_taken_for_it(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox:
        [message] = await fetched(mailbox)
        other = dataclasses.replace(reference(message), digest="0" * 64, header_digest="0" * 64)
        with pytest.raises(MessageGoneError):
            await mailbox.locate(other)


async def test_a_missing_folder_is_named(readable: Rig) -> None:
    async with opened(readable) as mailbox:
        with pytest.raises(FolderMissingError, match="Nirgends"):
            await batches(mailbox, "Nirgends")


async def test_a_uri_of_another_mailbox_is_refused(readable: Rig) -> None:
    async with opened(readable) as mailbox:
        with pytest.raises(InvalidInputError):
            await mailbox.read("imap://somebody/INBOX;UIDVALIDITY=1/;UID=1")
