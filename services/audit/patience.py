"""Trying again on transient errors, but not for ever."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from runtime.backoff import Backoff
from runtime.errors import MaildeskError, TransientError
from runtime.service import Process
from services.audit.metrics import RETRIES

log = logging.getLogger(__name__)
T = TypeVar("T")


class SpentError(MaildeskError):
    """The time for trying again is over; the records are not handled."""

    default_code = "retries-spent"


class Patience:
    """Tries until it succeeds, until `seconds` have passed, or until the process is asked to stop."""

    def __init__(self, process: Process, seconds: float, backoff: Backoff) -> None:
        self._process = process
        self._seconds = seconds
        self._backoff = backoff

    async def insist(self, doing: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Raises SpentError instead of the last TransientError; every other error at once."""
        clock = self._process.clock
        deadline = clock.monotonic() + self._seconds
        failures = 0
        while True:
            try:
                value = await attempt()
            except TransientError as error:
                failures += 1
                self._process.health.set(doing, ready=False, detail=error.text)
                delay = self._backoff.delay(failures)
                left = deadline - clock.monotonic()
                log.warning(
                    "cannot go on yet",
                    extra={"doing": doing, "code": error.code, "detail": error.text, "try": failures},
                )
                if left <= 0 or await self._process.pause(min(delay, left)):
                    raise SpentError(f"{doing} failed {failures} times: {error.text}") from error
                RETRIES.labels(doing).inc()
            else:
                if failures:
                    self._process.health.drop(doing)
                return value
