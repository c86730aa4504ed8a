"""When a mailbox is looked at because it was called."""

import asyncio

from runtime.clock import FakeClock
from services.ingest.hook.calls import AFTER, Calls


async def until(clock: FakeClock, seconds: float) -> None:
    """Move on in small steps, as time does."""
    for _ in range(round(seconds / 0.5)):
        await settled()
        clock.advance(0.5)
    await settled()


async def settled() -> None:
    """Every task has got as far as it can without time."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_call_ends_a_wait_at_once_and_further_looks_follow() -> None:
    clock = FakeClock()
    calls = Calls(clock)
    looks: list[float] = []

    async def reader() -> None:
        while True:
            if await calls.within("leads", 60.0):
                looks.append(clock.monotonic())

    task = asyncio.create_task(reader())
    await until(clock, 5)
    began = clock.monotonic()
    calls.call(["leads", "unknown"])
    await until(clock, 30)
    assert looks == [began + seconds for seconds in AFTER]
    task.cancel()


async def test_without_a_call_a_wait_ends_in_time() -> None:
    clock = FakeClock()
    calls = Calls(clock)
    waiting = asyncio.create_task(calls.within("leads", 2.0))
    await until(clock, 1)
    calls.call(["sales"])
    await until(clock, 0.5)
    assert not waiting.done()
    await until(clock, 1)
    assert await waiting is False


async def test_a_call_during_a_look_is_not_lost_and_many_are_one() -> None:
    clock = FakeClock()
    calls = Calls(clock)
    first = asyncio.create_task(calls.within("leads", 2.0))
    await until(clock, 2.5)
    assert await first is False
    for _ in range(1000):
        calls.call(["leads"])
    assert await calls.within("leads", 2.0) is True
    second = asyncio.create_task(calls.within("leads", 0.5))
    await until(clock, 0.5)
    assert await second is False


async def test_what_is_forgotten_is_called_no_more() -> None:
    clock = FakeClock()
    calls = Calls(clock)
    task = asyncio.create_task(calls.within("leads", 1.0))
    await until(clock, 0)
    calls.forget("leads")
    calls.call(["leads"])
    assert calls._due == {}
    await until(clock, 1.5)
    assert await task is False
