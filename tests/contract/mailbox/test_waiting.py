"""What every kind of mailbox promises about waiting for news."""

import asyncio

import pytest

from connectors.mailbox.news import News
from tests.contract.mailbox.conftest import opened
from tests.contract.mailbox.rigs import Rig, batches, mail


async def test_a_wait_ends_when_something_is_new_or_says_at_once_that_nobody_will_tell(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox, asyncio.timeout(10):
        cursor = (await batches(mailbox))[-1].cursor
        quiet = await mailbox.wait(["INBOX"], 0.05)
        waiting = asyncio.create_task(mailbox.wait(["INBOX"], 60))
        await asyncio.sleep(0)
        await asyncio.to_thread(readable.deliver, mail())
        told = await waiting
        assert (quiet, told) in ((News.QUIET, News.TOLD), (News.UNTOLD, News.UNTOLD))
        assert len(await batches(mailbox, cursor=cursor)) == 1


async def test_what_came_between_the_scan_and_the_wait_is_told_too(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox, asyncio.timeout(10):
        await batches(mailbox)
        readable.deliver(mail())
        assert await mailbox.wait(["INBOX"], 60) in (News.TOLD, News.UNTOLD)


async def test_a_folder_that_there_is_not_ends_no_wait_and_breaks_none(readable: Rig) -> None:
    async with opened(readable) as mailbox:
        await batches(mailbox)
        assert await mailbox.wait(["INBOX", "Nirgends"], 0.05) in (News.QUIET, News.UNTOLD)


async def test_a_wait_that_is_cancelled_leaves_a_mailbox_that_works(readable: Rig) -> None:
    readable.deliver(mail())
    async with opened(readable) as mailbox:
        await batches(mailbox)
        waiting = asyncio.create_task(mailbox.wait(["INBOX"], 60))
        await asyncio.sleep(0.1)
        if not waiting.done():
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert len(await batches(mailbox)) == 1
