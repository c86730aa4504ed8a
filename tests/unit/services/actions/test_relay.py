"""The relay: in order, again after a failure, never twice after the mark."""

import asyncio
from collections.abc import Sequence
from typing import cast
from uuid import UUID

import pytest

from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.kafka import Outgoing, Producer
from runtime.service import Process
from services.actions.memory import MemoryStore
from services.actions.model import Waiting
from services.actions.port import MAX_OUTBOX_BYTES
from services.actions.relay import BATCH, Relay
from tests.unit.services.actions.rig import until


class Broker:
    """Takes records, or refuses."""

    def __init__(self) -> None:
        self.taken: list[Outgoing] = []
        self.refusals = 0

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        self.taken += records
        if self.refusals:
            self.refusals -= 1
            raise TargetDownError("away", code="kafka-down")


async def filled(count: int) -> tuple[MemoryStore, Broker, Relay, asyncio.Event]:
    store, broker, published = MemoryStore(FakeClock()), Broker(), asyncio.Event()
    async with store.unit() as unit:
        await unit.put_outbox([Waiting("t", b"k", b"%d" % n, {"h": "ü"}, UUID(int=n)) for n in range(count)])
    return store, broker, Relay(store, cast("Producer", broker), published), published


async def test_it_publishes_in_order_and_once() -> None:
    _, broker, relay, _ = await filled(BATCH + 1)
    assert await relay.publish_batch()
    assert not await relay.publish_batch()
    assert not await relay.publish_batch()
    assert [record.value for record in broker.taken] == [b"%d" % n for n in range(BATCH + 1)]
    assert broker.taken[0].headers == [("h", "ü".encode())]


async def test_large_records_come_in_portions_without_a_pause_between() -> None:
    store, broker, relay, _ = await filled(0)
    large = b"x" * (MAX_OUTBOX_BYTES // 3)
    async with store.unit() as unit:
        await unit.put_outbox([Waiting("t", b"k", large, {}, UUID(int=n)) for n in range(4)])
    assert await relay.publish_batch()
    assert len(broker.taken) == 3
    assert not await relay.publish_batch()
    assert len(broker.taken) == 4


async def test_what_was_not_acknowledged_is_published_again() -> None:
    _, broker, relay, _ = await filled(2)
    broker.refusals = 1
    with pytest.raises(TargetDownError):
        await relay.publish_batch()
    await relay.publish_batch()
    assert [record.value for record in broker.taken] == [b"0", b"1"] * 2


async def test_it_waits_out_a_broker_that_is_away_and_wakes_when_there_is_something() -> None:
    store, broker, relay, published = await filled(1)
    broker.refusals = 2
    process = Process("actions", backoff=Backoff(first=0.001))
    task = asyncio.create_task(relay.run(process))
    await until(lambda: len(broker.taken) == 3)
    async with store.unit() as unit:
        await unit.put_outbox([Waiting("t", b"k", b"later", {}, UUID(int=7))])
    published.set()
    await until(lambda: broker.taken[-1].value == b"later", 0.9)
    process.stopping.set()
    await task
