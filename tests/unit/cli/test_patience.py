"""Waiting for servers that are away: a line a try, an end."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from cli.patience import PATIENCE_SECONDS, patiently
from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import InvalidInputError, TargetDownError


def answers_after(failures: int) -> Callable[[], Awaitable[str]]:
    left = iter(range(failures))

    async def attempt() -> str:
        if next(left, None) is None:
            return "here"
        raise TargetDownError("Kafka: no route", code="kafka-down")

    return attempt


async def moved(task: "asyncio.Task[str]", clock: FakeClock) -> None:
    while not task.done():
        clock.advance(0.5)
        await asyncio.sleep(0)


async def test_one_line_a_try_until_it_answers() -> None:
    lines: list[str] = []
    clock = FakeClock()
    waiting = patiently(
        "Kafka at k:9092", answers_after(3), clock=clock, backoff=Backoff(random=Random(1)), say=lines.append
    )
    task = asyncio.create_task(waiting)
    await moved(task, clock)
    assert task.result() == "here"
    assert lines == [f"Waiting for Kafka at k:9092, try {number}: Kafka: no route" for number in (1, 2, 3)]


async def test_it_gives_up_with_the_last_error_and_the_time() -> None:
    clock = FakeClock()
    lines: list[str] = []
    task = asyncio.create_task(patiently("Kafka", answers_after(1_000), clock=clock, say=lines.append))
    await moved(task, clock)
    with pytest.raises(TargetDownError, match=r"Kafka: no route \(for \d+ s\)") as caught:
        task.result()
    assert caught.value.code == "kafka-down"
    assert PATIENCE_SECONDS <= clock.monotonic() < PATIENCE_SECONDS + 10
    assert 10 < len(lines) < 60


async def test_what_waiting_cannot_mend_is_not_waited_for() -> None:
    async def attempt() -> None:
        raise InvalidInputError("no URI")

    with pytest.raises(InvalidInputError):
        await patiently("Postgres", attempt, clock=FakeClock())
