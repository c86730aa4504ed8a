"""How far behind a group is: records, and how long the oldest has been there."""

import asyncio

from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.kafka import Lane
from runtime.lag import MARKS, Behind, LagMeter, watch_lag
from runtime.service import Process


class Member:
    """A group member whose partitions a test sets."""

    def __init__(self, **lanes: tuple[int, int]) -> None:
        self.lanes: dict[Lane, tuple[int, int]] = {("mail", int(name[1:])): found for name, found in lanes.items()}
        self.away = False

    async def behind(self) -> dict[Lane, tuple[int, int]]:
        if self.away:
            raise TargetDownError("Kafka: no broker answers", code="kafka-down")
        return self.lanes


async def test_nothing_is_behind_without_partitions() -> None:
    assert await LagMeter(Member(), ["mail", "other"], FakeClock()).look() == {"mail": Behind(), "other": Behind()}


async def test_records_add_up_and_the_oldest_counts() -> None:
    member, clock = Member(p0=(0, 2), p1=(5, 5)), FakeClock()
    meter = LagMeter(member, ["mail"], clock)
    assert await meter.look() == {"mail": Behind(2, 0.0)}
    clock.advance(10)
    member.lanes = {("mail", 0): (1, 4), ("mail", 1): (5, 8)}
    assert await meter.look() == {"mail": Behind(6, 10.0)}
    clock.advance(10)
    assert await meter.look() == {"mail": Behind(6, 20.0)}


async def test_what_is_done_does_not_age() -> None:
    member, clock = Member(p0=(0, 2)), FakeClock()
    meter = LagMeter(member, ["mail"], clock)
    await meter.look()
    clock.advance(10)
    member.lanes = {("mail", 0): (0, 5)}
    await meter.look()
    clock.advance(10)
    member.lanes = {("mail", 0): (2, 5)}
    assert await meter.look() == {"mail": Behind(3, 10.0)}
    member.lanes = {("mail", 0): (5, 5)}
    assert await meter.look() == {"mail": Behind()}


async def test_a_partition_that_went_and_came_back_starts_anew() -> None:
    member, clock = Member(p0=(0, 2)), FakeClock()
    meter = LagMeter(member, ["mail"], clock)
    await meter.look()
    clock.advance(60)
    member.lanes = {}
    assert await meter.look() == {"mail": Behind()}
    member.lanes = {("mail", 0): (0, 3)}
    assert await meter.look() == {"mail": Behind(3, 0.0)}


async def test_a_topic_that_was_made_anew_is_not_behind() -> None:
    member = Member(p0=(90, 4))
    assert await LagMeter(member, ["mail"], FakeClock()).look() == {"mail": Behind()}


async def test_memory_is_bounded_and_the_oldest_is_kept() -> None:
    member, clock = Member(p0=(0, 1)), FakeClock()
    meter = LagMeter(member, ["mail"], clock)
    for end in range(1, 2 * MARKS):
        member.lanes = {("mail", 0): (0, end)}
        found = await meter.look()
        clock.advance(1)
    assert found["mail"] == Behind(2 * MARKS - 1, 2 * MARKS - 2)
    assert len(meter._seen["mail", 0]) == MARKS


async def test_a_broker_that_is_away_leaves_what_was_said() -> None:
    member, process = Member(p0=(0, 1)), Process("sample")
    member.away = True
    said: asyncio.Queue[object] = asyncio.Queue()
    meter = LagMeter(member, ["mail"], FakeClock())
    watching = asyncio.create_task(watch_lag(process, meter, said.put_nowait, every=0.01))
    await asyncio.sleep(0.05)
    assert said.empty()
    member.away = False
    async with asyncio.timeout(5):
        assert await said.get() == {"mail": Behind(1, 0.0)}
    process.stopping.set()
    await watching
