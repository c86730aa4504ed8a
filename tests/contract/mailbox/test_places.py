"""What every kind of mailbox promises about listing its messages without handing them over."""

from datetime import date, timedelta

import pytest

from connectors.mailbox.port import FolderMissingError, MailboxConnection, Place, Position
from tests.contract.mailbox.conftest import opened
from tests.contract.mailbox.rigs import Rig, batches, fetched, mail

TOMORROW = date.today() + timedelta(days=3)  # noqa: DTZ011 - further off than any zone


async def listed(mailbox: MailboxConnection, folder: str = "INBOX", since: date | None = None) -> list[Place]:
    return [place async for page in mailbox.places(folder, since) for place in page]


async def test_places_are_those_of_a_scan_in_its_order(readable: Rig) -> None:
    for _ in range(7):
        readable.deliver(mail())
    async with opened(readable) as mailbox:
        scanned = [message.position for message in await fetched(mailbox)]
        assert [place.position for place in await listed(mailbox)] == scanned
        assert len(scanned) == 7


async def test_an_empty_folder_has_none_and_a_missing_one_is_named(readable: Rig) -> None:
    async with opened(readable) as mailbox:
        assert await listed(mailbox) == []
        with pytest.raises(FolderMissingError):
            await listed(mailbox, "Nowhere")


async def test_from_the_cursor_before_a_place_a_scan_gives_it_again(readable: Rig) -> None:
    for _ in range(4):
        readable.deliver(mail())
    async with opened(readable) as mailbox:
        wanted = (await listed(mailbox))[2]
        again = [m.position for batch in await batches(mailbox, cursor=wanted.before) for m in batch.messages]
    assert wanted.position in again
    assert wanted.before is None or again[0] == wanted.position, "and nothing that comes before"


async def test_since_leaves_out_no_mail_that_came_later(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox:
        every = await listed(mailbox)
        assert await listed(mailbox, since=date(2001, 1, 1)) == every
        later = await listed(mailbox, since=TOMORROW)
        assert set(later) <= set(every)


async def test_since_spares_what_is_older_where_the_source_says_when_it_came(rig: Rig) -> None:
    rig.deliver(mail())
    async with opened(rig) as mailbox:
        assert await listed(mailbox, since=TOMORROW) == []


async def test_listing_marks_nothing_as_read(rig: Rig) -> None:
    rig.deliver(mail())
    before = rig.flags()
    async with opened(rig) as mailbox:
        (place,) = await listed(mailbox)
    assert isinstance(place.position, Position)
    assert rig.flags() == before
