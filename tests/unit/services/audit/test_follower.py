"""A stop that comes while Faust waits for a broker."""

import asyncio
from typing import Any, NoReturn, cast

import pytest

from runtime.errors import TargetDownError
from runtime.service import Process
from services.audit.follower import Follower
from services.audit.lag import LagGauge


class Signal:
    """Of Faust: nobody is called."""

    def connect(self, _handler: Any, **_: Any) -> None:
        return


class App:
    """Faust: a start that no cancellation ends before the broker is there."""

    crash_reason = None

    def __init__(self) -> None:
        self.on_partitions_assigned = Signal()
        self.broker = asyncio.Event()
        self.stopped = asyncio.Event()

    def finalize(self) -> None:
        return

    async def start(self) -> None:
        while not self.broker.is_set():
            try:
                await self.broker.wait()
            except asyncio.CancelledError:
                continue

    async def stop(self) -> None:
        self.stopped.set()

    async def wait_until_stopped(self) -> None:
        await self.stopped.wait()


class NoLag:
    def update(self) -> dict[str, int]:
        return {}


class LeftError(Exception):
    """Instead of the end of the process."""


def left(error: BaseException) -> NoReturn:
    raise LeftError from error


def follower(app: App, process: Process) -> Follower:
    return Follower(app, process, cast("LagGauge", NoLag()), left, start_seconds=0.05)


async def test_a_start_without_a_broker_does_not_outlive_a_stop() -> None:
    app, process = App(), Process("test")
    process.stopping.set()
    async with asyncio.timeout(5):
        with pytest.raises(LeftError) as ended:
            await follower(app, process).run()
    assert isinstance(ended.value.__cause__, TargetDownError)
    assert ended.value.__cause__.code == "stream-not-started"
    app.broker.set()


async def test_a_start_that_is_done_is_stopped_in_good_order() -> None:
    app, process = App(), Process("test")
    app.broker.set()
    process.stopping.set()
    async with asyncio.timeout(5):
        await follower(app, process).run()
    assert app.stopped.is_set()
