"""Faust inside our own process: started and stopped by us, watched for a crash, told of in /readyz."""

import asyncio
import contextlib
from typing import Any

from runtime.errors import TargetDownError
from runtime.service import Process
from services.audit.finish import Leave
from services.audit.lag import LagGauge

START_SECONDS = 2.0
"""For a start that is on its way when the process is asked to stop."""
STOP_SECONDS = 12.0
LAG_SECONDS = 2.0


class Follower:
    """Runs a Faust app that is not started yet."""

    def __init__(
        self, app: Any, process: Process, lag: LagGauge, leave: Leave, start_seconds: float = START_SECONDS
    ) -> None:
        self._app = app
        self._process = process
        self._lag = lag
        self._leave = leave
        self._start_seconds = start_seconds
        app.on_partitions_assigned.connect(self._assigned, weak=False)

    async def run(self) -> None:
        """Until the process is asked to stop. When Faust crashes or does not stop, the process ends at once."""
        self._process.health.set("group", ready=False, detail="joining the consumer group")
        self._app.finalize()
        stopping = asyncio.ensure_future(self._process.stopping.wait())
        await self._start(stopping)
        watching = asyncio.ensure_future(self._app.wait_until_stopped())
        measuring = asyncio.ensure_future(self._measure())
        await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            reason = self._app.crash_reason or RuntimeError("stopped by itself")
            error = TargetDownError(f"Faust ended: {type(reason).__name__}", code="stream-ended")
            error.__cause__ = reason
            self._leave(error)
        measuring.cancel()
        await self._stop()
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    async def _start(self, stopping: "asyncio.Future[Any]") -> None:
        """Faust waits for a broker that went away, however often it is cancelled: who is asked to stop then leaves."""
        starting = asyncio.ensure_future(self._app.start())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({starting}, timeout=self._start_seconds)
        if not starting.done():
            self._leave(TargetDownError("asked to stop while Faust waited for Kafka", code="stream-not-started"))
        starting.result()

    async def _stop(self) -> None:
        """Let the batch in hand end and its offsets be committed."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._app.stop()
        except TimeoutError as error:
            self._leave(error)

    async def _measure(self) -> None:
        while True:
            self._process.health.facts["lag"] = self._lag.update()
            await asyncio.sleep(LAG_SECONDS)

    async def _assigned(self, _app: Any, assigned: Any, **_: Any) -> None:
        count = len(assigned)
        self._process.health.set("group", ready=True, detail=f"{count} partitions")
        self._process.health.facts["partitions"] = count
