"""The clock that tests move."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from runtime.clock import Clock, FakeClock, SystemClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def sleeper(clock: Clock, seconds: float, woken: list[float]) -> None:
    """Sleep, then note it."""
    await clock.sleep(seconds)
    woken.append(seconds)


async def test_sleepers_wake_in_order_and_not_before_their_time(clock: FakeClock) -> None:
    woken: list[float] = []
    tasks = [asyncio.ensure_future(sleeper(clock, seconds, woken)) for seconds in (5, 1, 3)]
    await asyncio.sleep(0)

    clock.advance(0.9)
    await asyncio.sleep(0)
    assert woken == []

    clock.advance(2.1)
    await asyncio.sleep(0)
    assert woken == [1, 3]

    clock.advance(100)
    await asyncio.gather(*tasks)
    assert woken == [1, 3, 5]


async def test_a_cancelled_sleeper_is_passed_over(clock: FakeClock) -> None:
    woken: list[float] = []
    gone = asyncio.ensure_future(sleeper(clock, 1, woken))
    stays = asyncio.ensure_future(sleeper(clock, 1, woken))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    clock.advance(1)
    await stays
    assert woken == [1]


def test_both_its_times_move_together(clock: FakeClock) -> None:
    clock.advance(90)
    assert clock.now() == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)
    assert clock.monotonic() == 90


async def test_the_system_clock_is_aware_and_never_goes_back() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.now().utcoffset() == timedelta(0)
