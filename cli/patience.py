"""Waiting for servers that are yours and away at start: a line a try, and an end."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cli.reporting import err
from runtime.backoff import Backoff
from runtime.clock import Clock, SystemClock
from runtime.errors import TargetDownError

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
"""Servers that are started together with this need seconds; a mistyped address should not wait for ever."""


async def patiently(
    what: str,
    attempt: Callable[[], Awaitable[T]],
    *,
    clock: Clock | None = None,
    backoff: Backoff | None = None,
    say: Callable[[str], None] | None = None,
) -> T:
    """Try until it answers. Raises the last TargetDownError when it has not after PATIENCE_SECONDS."""
    clock, backoff = clock or SystemClock(), backoff or Backoff(first=0.5, longest=5.0)
    say = say or _say
    began = clock.monotonic()
    failures = 0
    while True:
        try:
            with one_line_only():
                return await attempt()
        except TargetDownError as error:
            failures += 1
            waited = clock.monotonic() - began
            if waited >= PATIENCE_SECONDS:
                raise TargetDownError(f"{error.text} (for {waited:.0f} s)", code=error.code) from error
            say(f"Waiting for {what}, try {failures}: {error.text}")
            await clock.sleep(backoff.delay(failures))


@contextmanager
def one_line_only() -> Iterator[None]:
    """The client logs each failure too, in its own words."""
    client = logging.getLogger("aiokafka")
    level = client.level
    client.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        client.setLevel(level)


def _say(line: str) -> None:
    err.print(line, markup=False)
