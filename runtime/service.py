"""How a process lives: settings, logs, traces, health, signals; its tasks are supervised and end together."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from runtime.backoff import Backoff
from runtime.clock import Clock, SystemClock
from runtime.errors import MaildeskError, TransientError
from runtime.health import Health, serve_health
from runtime.logs import configure_logs
from runtime.settings import ServiceSettings
from runtime.telemetry import configure_traces, end_traces

log = logging.getLogger(__name__)
T = TypeVar("T")
GRACE_SECONDS = 15.0
CANCEL_SECONDS = 10.0
END_SECONDS = 10.0
"""For what is left once `main` has ended: other tasks, threads, the last traces."""
TRACES_SECONDS = 3.0
NAMED_TASKS = 20
STUCK = 70
"""The exit code of a process in which something does not end though it was cancelled."""


@dataclass(slots=True)
class Process:
    """What a service's bootstrap is given."""

    name: str
    clock: Clock = field(default_factory=SystemClock)
    health: Health = field(default_factory=Health)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.5, longest=5.0))

    async def pause(self, seconds: float) -> bool:
        """Wait, or less when the process is asked to stop; True when it is stopping."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return False
        return True

    async def wait_until(self, component: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until it succeeds, with one log line a try; /readyz names the component meanwhile.

        Raises asyncio.CancelledError when the process is asked to stop.
        """
        failures = 0
        while True:
            try:
                value = await attempt()
            except TransientError as error:
                failures += 1
                self.health.set(component, ready=False, detail=error.text)
                log.warning(
                    "waiting for %s", component, extra={"code": error.code, "detail": error.text, "try": failures}
                )
                if await self.pause(self.backoff.delay(failures)):
                    raise asyncio.CancelledError from error
            else:
                self.health.set(component, ready=True)
                return value

    async def keep_looking(self, complaint: str, look: Callable[[], Awaitable[float]]) -> None:
        """Look until the process is asked to stop. `look` returns the seconds until it wants to look again.

        Whatever fails is tried again, with one log line a try: `complaint`.
        """
        failures = 0
        while not self.stopping.is_set():
            try:
                seconds = await look()
            except Exception as error:
                failures += 1
                known = error if isinstance(error, MaildeskError) else None
                extra = {"code": known.code if known else "unexpected", "try": failures}
                if isinstance(error, TransientError):
                    extra["detail"] = error.text
                log.warning(complaint, extra=extra, exc_info=None if known else error)
                seconds = self.backoff.delay(failures)
            else:
                failures = 0
            await self.pause(seconds)


Main = Callable[[Process], Coroutine[Any, Any, None]]


def run_service(name: str, settings: ServiceSettings, main: Main) -> int:
    """Run `main` until it ends or a signal comes; returns the exit code (0 stopped, 1 failed).

    What was cancelled and does not end is left behind: the process exits at once with STUCK, to be started anew.
    """
    configure_logs(name, settings.log_level)
    provider = configure_traces(name, settings.otlp_endpoint, settings.trace_ratio)
    try:
        return asyncio.run(_run(Process(name), settings, main))
    finally:
        end_traces(provider, TRACES_SECONDS)


async def _run(process: Process, settings: ServiceSettings, main: Main) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stopping.set)
    process.health.set("start", ready=False, detail="starting")
    runner, port = await serve_health(process.health, settings.http_host, settings.http_port)
    log.info("listening", extra={"port": port})
    task = loop.create_task(_main(process, main))
    stopping = loop.create_task(process.stopping.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait({task}, timeout=GRACE_SECONDS)
        return await conclude(task, os._exit)
    finally:
        stopping.cancel()
        await runner.cleanup()
        end_within(END_SECONDS, os._exit)


async def _main(process: Process, main: Main) -> None:
    process.health.drop("start")
    await main(process)


async def conclude(
    task: asyncio.Task[None], leave: Callable[[int], object], cancel_seconds: float = CANCEL_SECONDS
) -> int:
    """The exit code that a task's end means. One that runs is cancelled; `leave` ends the process if it runs on."""
    if not task.done():
        log.warning("cancelled what did not stop in time", extra={"seconds": GRACE_SECONDS})
        task.cancel()
        await asyncio.wait({task}, timeout=cancel_seconds)
    if not task.done():
        log.critical("left what does not end", extra={"seconds": cancel_seconds, "tasks": _running()})
        leave(STUCK)
        return STUCK
    if task.cancelled():
        return 0
    error = task.exception()
    if error is None:
        return 0
    for cause in _leaves(error):
        detail = {"code": cause.code, "detail": cause.text} if isinstance(cause, MaildeskError) else {}
        log.error("stopped by an error", extra=detail, exc_info=cause)
    return 1


def end_within(seconds: float, leave: Callable[[int], object]) -> None:
    """`leave` the process if it is still there by then.

    Python waits without end for a task that goes on though it was cancelled, and for a library's thread.
    """

    def left() -> None:
        threads = sorted(each.name for each in threading.enumerate() if not each.daemon)
        log.critical("left what does not end", extra={"seconds": seconds, "threads": threads})
        leave(STUCK)

    watch = threading.Timer(seconds, left)
    watch.daemon = True
    watch.start()


def _running() -> list[str]:
    """Where each other task of this loop waits: its name, function and line."""
    places = []
    for each in asyncio.all_tasks() - {asyncio.current_task()}:
        frames = each.get_stack(limit=1)
        where = f"{frames[0].f_code.co_qualname}:{frames[0].f_lineno}" if frames else "?"
        places.append(f"{each.get_name()} in {where}")
    return sorted(places)[:NAMED_TASKS]


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
