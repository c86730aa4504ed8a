"""Faust's `take` acknowledges a batch in `finally`: also when the body raised, also when it was cancelled.

So the body must neither raise nor be cancelled before its work is done. Where the work cannot be done the process
ends at once, before Faust gets a turn, and the records are read again.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from runtime.errors import MaildeskError

log = logging.getLogger(__name__)
EXIT_UNFINISHED = 75
"""EX_TEMPFAIL of sysexits.h: start me again."""

Leave = Callable[[BaseException], NoReturn]


def leave(error: BaseException) -> NoReturn:
    """End the process without another step: no `finally`, no commit, nothing acknowledged."""
    detail = {"code": error.code, "detail": error.text} if isinstance(error, MaildeskError) else {}
    log.critical("ended before Kafka could be told that a batch is done", extra=detail, exc_info=error)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(EXIT_UNFINISHED)


async def finish(work: Coroutine[Any, Any, None], leave: Leave) -> None:
    """Return only when the work is done; a cancellation waits for that. Any error of the work leaves the process."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if task.cancelled():
        leave(asyncio.CancelledError())
    if (failed := task.exception()) is not None:
        leave(failed)
    if cancelled is not None:
        raise cancelled
