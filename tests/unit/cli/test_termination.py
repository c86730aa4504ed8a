"""A command that is asked to end tidies up first."""

import asyncio
import os
import signal

import pytest

from cli.termination import until_terminated
from runtime.errors import TransientError


async def test_sigterm_ends_it_after_it_has_tidied_up_also_when_it_is_sent_twice() -> None:
    began, tidied = asyncio.Event(), list[str]()

    async def work() -> None:
        try:
            began.set()
            await asyncio.sleep(600)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.05)
            tidied.append("children stopped")

    task = asyncio.create_task(until_terminated(work()))
    await began.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(TransientError, match="SIGTERM"):
        await asyncio.wait_for(task, 5)
    assert tidied == ["children stopped"]


async def test_what_is_not_disturbed_returns_its_value_and_leaves_no_handler() -> None:
    async def work() -> int:
        return 7

    assert await until_terminated(work()) == 7
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
