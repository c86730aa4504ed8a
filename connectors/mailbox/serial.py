"""One thread per open mailbox: blocking calls run there one after the other, off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class SerialThread:
    """Runs calls in order. A cancelled caller stops waiting, and the next call still starts only when the running
    one has ended, which a lock around `asyncio.to_thread` would not give."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"mailbox-{name}")

    async def run(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Await `call(*args, **kwargs)`; its errors are raised here."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: call(*args, **kwargs))

    def stop(self) -> None:
        """Let the running call end; further calls raise RuntimeError."""
        self._executor.shutdown(wait=False)
