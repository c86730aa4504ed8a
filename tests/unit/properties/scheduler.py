"""Tasks that stop at named points and go on one at a time, when they are told to: every interleaving can be had."""

import asyncio
from collections.abc import Coroutine
from typing import Any

TICKS = 12


class Scheduler:
    """One event loop whose tasks only move in `step`, `run` and `kill`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._held: dict[asyncio.Task[Any], tuple[str, asyncio.Future[None]]] = {}

    async def point(self, name: str) -> None:
        """Stop here. Called by the code under test, inside a task."""
        task = asyncio.current_task()
        assert task is not None
        if task not in self._tasks.values():
            return
        future = self.loop.create_future()
        self._held[task] = (name, future)
        await future

    @property
    def names(self) -> list[str]:
        """The tasks that have not ended."""
        return sorted(name for name, task in self._tasks.items() if not task.done())

    def busy(self, name: str) -> bool:
        """Whether a task of that name is at work."""
        return name in self._tasks and not self._tasks[name].done()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin, up to the first point."""
        self._tasks[name] = self.loop.create_task(work, name=name)
        self._spin()

    def step(self, name: str) -> bool:
        """Let a task go on to its next point; False when it waits for a lock that another holds."""
        held = self._held.pop(self._tasks[name], None)
        if held is not None:
            held[1].set_result(None)
        self._spin()
        return held is not None

    def kill(self, prefix: str) -> None:
        """As SIGKILL: what these tasks have not committed is gone."""
        for name in self.names:
            if name.startswith(prefix):
                task = self._tasks.pop(name)
                self._held.pop(task, None)
                task.cancel()
        self._spin()

    def call(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something short without any points."""
        self.loop.run_until_complete(work)

    def close(self) -> None:
        """Kill everything."""
        self.kill("")
        self.loop.close()

    def _spin(self) -> None:
        async def ticks() -> None:
            for _ in range(TICKS):
                await asyncio.sleep(0)

        self.loop.run_until_complete(ticks())
        for name, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[name]
                task.result()
