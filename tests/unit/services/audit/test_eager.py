"""A record is handed over at once where that takes no wait, and as Faust does it where it does."""

import asyncio
from typing import Any

import pytest
from mode import Service

from services.audit.eager import EagerConsumer
from services.audit.settings import AuditSettings
from services.audit.stream import build_app


async def nothing(*_: object) -> None:
    """Nobody is told."""


class Threadless(EagerConsumer):
    """Nothing is read in these tests, so the thread that would read is not made."""

    def _new_consumer_thread(self) -> Any:
        return Service()


async def consumer() -> EagerConsumer:
    """One that is not started."""
    app = build_app(AuditSettings())
    assert app.transport.Consumer is EagerConsumer
    return Threadless(app.transport, callback=nothing, on_partitions_revoked=nothing, on_partitions_assigned=nothing)


async def at_once(value: int) -> int:
    return value


async def after(event: asyncio.Event, value: int) -> int:
    await event.wait()
    await asyncio.sleep(0)
    return value


async def failing(event: asyncio.Event | None = None) -> int:
    if event is not None:
        await event.wait()
    raise LookupError("no queue")


async def test_what_needs_no_wait_makes_no_task() -> None:
    waiting = await consumer()
    before = asyncio.all_tasks()
    found = await waiting.wait_first(at_once(7), waiting.suspend_flow.wait())
    assert (found.results, found.stopped) == ([7], False)
    assert asyncio.all_tasks() == before


async def test_what_waits_is_waited_for() -> None:
    waiting, event = await consumer(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, event.set)
    found = await waiting.wait_first(after(event, 8), waiting.suspend_flow.wait())
    assert (found.results, found.stopped) == ([8], False)


async def test_a_rebalance_ends_the_wait_and_cancels_the_delivery() -> None:
    waiting, event, seen = await consumer(), asyncio.Event(), []

    async def delivery() -> None:
        try:
            await event.wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    asyncio.get_running_loop().call_later(0.01, waiting.suspend_flow.set)
    await asyncio.wait_for(waiting.wait_first(delivery(), waiting.suspend_flow.wait()), 5)
    await asyncio.sleep(0)
    assert seen == ["cancelled"]


async def test_a_stop_ends_the_wait() -> None:
    waiting = await consumer()
    asyncio.get_running_loop().call_later(0.01, waiting._stopped.set)
    found = await asyncio.wait_for(waiting.wait_first(after(asyncio.Event(), 1), waiting.suspend_flow.wait()), 5)
    assert found.stopped


async def test_a_stopped_consumer_says_so_though_nothing_waits() -> None:
    waiting = await consumer()
    waiting._stopped.set()
    assert (await waiting.wait_first(at_once(7), waiting.suspend_flow.wait())).stopped


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_of_the_delivery_comes_through(*, waits: bool) -> None:
    waiting, event = await consumer(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, event.set)
    with pytest.raises(LookupError, match="no queue"):
        await waiting.wait_first(failing(event if waits else None), waiting.suspend_flow.wait())
