"""SIGTERM ends a command in good order: what it started is stopped first, as with Ctrl-C."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from runtime.errors import TransientError

T = TypeVar("T")


async def until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns. Raises TransientError (`terminated`) once SIGTERM has cancelled it and it has tidied up.

    A second signal does not disturb the tidying.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    asked = asyncio.Event()

    def end() -> None:
        if not asked.is_set():
            asked.set()
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        return await task
    except asyncio.CancelledError:
        if asked.is_set():
            raise TransientError("stopped by SIGTERM before everything was answered", code="terminated") from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
