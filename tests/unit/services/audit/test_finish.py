import asyncio
from typing import NoReturn

import pytest

from services.audit.finish import finish


class LeftError(BaseException):
    """What stands for the end of the process."""


def leave(error: BaseException) -> NoReturn:
    raise LeftError from error


async def test_an_error_of_the_work_leaves_the_process() -> None:
    async def work() -> None:
        raise ValueError

    with pytest.raises(LeftError):
        await finish(work(), leave)


async def test_a_cancellation_waits_until_the_work_is_done() -> None:
    gate, done = asyncio.Event(), False

    async def work() -> None:
        nonlocal done
        await gate.wait()
        done = True

    body = asyncio.ensure_future(finish(work(), leave))
    for _ in range(3):
        await asyncio.sleep(0)
        body.cancel()
    assert not body.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await body
    assert done


async def test_a_cancelled_work_leaves_the_process() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(LeftError):
        await finish(work(), leave)
