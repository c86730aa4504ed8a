"""Live statistics: the results of the last minutes, counted in windows as they pass.

By a Faust app of its own, in a group of its own: when its table is slow to recover, or it fails, the log goes on.
Approximate: a record that is delivered again counts again, and what came while nobody counted is left out.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import faust

from runtime.clock import Clock
from runtime.service import Process
from schemas.topics import AUTOMATION_RESULTS
from services.audit.live_counts import KEPT_SECONDS, MINUTE, read
from services.audit.live_gauges import LiveGauges
from services.audit.live_windows import (
    LiveTable,
    MemoryWindows,
    TableWindows,
    Windows,
    collected,
)
from services.audit.settings import AuditSettings
from services.audit.stream import build_app, raw, received

log = logging.getLogger(__name__)
GROUP = "maildesk-audit-live"
TABLE = "results"
TAKEN = 2_000
WITHIN_SECONDS = 1.0
LOOK_SECONDS = 2.0
STOP_SECONDS = 5.0
AGAIN_SECONDS = 30.0
LAG_SECONDS = 3.0
"""Long enough for the first lag to be known."""
BEHIND_RECORDS = 5_000


class Live:
    """Counts until the process is asked to stop. A failure is logged, and it begins again a little later."""

    def __init__(self, settings: AuditSettings, clock: Clock, gauges: LiveGauges) -> None:
        self._settings = settings
        self._clock = clock
        self._gauges = gauges
        self._owned: frozenset[int] = frozenset()

    async def run(self, process: Process) -> None:
        """Until then. Nothing here ends the process, or makes it less ready."""
        while True:
            self._own(process, ())
            if await held_back(process):
                return
            try:
                app, windows = self._build()
                app.on_partitions_assigned.connect(self._assigned(process), weak=False)
                await self._count(app, windows, process)
            except Exception as error:
                log.warning("live statistics failed", extra={"error": type(error).__name__}, exc_info=error)
            self._own(process, ())
            if await process.pause(AGAIN_SECONDS):
                return

    def _assigned(self, process: Process) -> Callable[..., Awaitable[None]]:
        async def assigned(_app: Any, found: Collection[Any], **_: Any) -> None:
            self._own(process, [each.partition for each in found if each.topic == AUTOMATION_RESULTS.name])

        return assigned

    def _own(self, process: Process, partitions: Collection[int]) -> None:
        """These of the results are counted here."""
        self._owned = frozenset(partitions)
        process.health.facts["live"] = {"kept_in": self._settings.audit_live, "partitions": len(partitions)}

    def _build(self) -> tuple[faust.App, Windows]:
        # A batch in hand when it stops is not waited for: that may take longer than the process has.
        kept: dict[str, Any] = {"consumer_auto_offset_reset": "latest", "stream_wait_empty": False}
        if self._settings.audit_live == "memory":
            app = build_app(self._settings, GROUP, **kept)
            windows: Windows = MemoryWindows()
        else:
            app = build_app(self._settings, GROUP, **kept, Table=LiveTable, table_standby_replicas=0)
            table = app.Table(TABLE, default=list, partitions=AUTOMATION_RESULTS.partitions)
            windows = TableWindows(table.tumbling(MINUTE, expires=KEPT_SECONDS).table, lambda: self._owned)
        attach(app, windows, self._clock)
        return app, windows

    async def _count(self, app: Any, windows: Windows, process: Process) -> None:
        app.finalize()
        stopping = asyncio.ensure_future(process.stopping.wait())
        running = asyncio.ensure_future(_start_and_wait(app))
        try:
            while not running.done() and not stopping.done():
                self._gauges.show(windows, self._clock.now().timestamp())
                await asyncio.wait({running, stopping}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
                raise app.crash_reason or RuntimeError("stopped by itself")
        finally:
            stopping.cancel()
            await _stop(app)
            running.cancel()
            await asyncio.wait({running}, timeout=STOP_SECONDS)


async def held_back(process: Process, seconds: float = LAG_SECONDS) -> bool:
    """Wait while the log is far behind: it needs the time, and old results are not counted anyway.

    True when the process is asked to stop.
    """
    while not await process.pause(seconds):
        if sum(process.health.facts.get("lag", {}).values()) <= BEHIND_RECORDS:
            return False
    return True


async def _start_and_wait(app: Any) -> None:
    await app.start()
    await app.wait_until_stopped()


async def _stop(app: Any) -> None:
    """There is nothing to lose: what does not stop in time is left."""
    stop = asyncio.ensure_future(app.stop())
    await asyncio.wait({stop}, timeout=STOP_SECONDS)
    if not stop.done():
        stop.cancel()
        log.warning("live statistics did not stop in time", extra={"seconds": STOP_SECONDS})


def attach(app: faust.App, windows: Windows, clock: Clock) -> None:
    """Count the results that were published within the time that is kept."""

    async def count(stream: Any) -> None:
        async for events in stream.take_events(TAKEN, within=WITHIN_SECONDS):
            count_all([event.message for event in events], windows, clock.now().timestamp())

    app.agent(raw(app, AUTOMATION_RESULTS.name), name="audit.live")(count)


def count_all(messages: Sequence[Any], windows: Windows, now: float) -> None:
    """A batch, by the minute in which each was published."""
    found = []
    for message in messages:
        if message.timestamp < now - KEPT_SECONDS:
            continue
        record = received(message)
        if (counts := read(record.value, record.partition)) is not None:
            minute = min(message.timestamp, now) // MINUTE * MINUTE
            found.append(((counts[0], minute), counts[1]))
    for (group, minute), sums in collected(found).items():
        windows.add(group, minute, sums)
