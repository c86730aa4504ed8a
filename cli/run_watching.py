"""Watching a run until it has ended, or until nothing moves any more."""

from collections.abc import Awaitable, Callable

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.backlog_tally import Tally
from cli.reporting import err
from runtime.clock import Clock
from runtime.errors import TargetDownError

PATIENCE_SECONDS = 60.0
"""Without anything new; a run with a rate of its own waits longer for its next mail."""
LOOK_SECONDS = 0.5
SHARE = 10.0
"""A look that took s seconds is followed by a wait of at least 10 s, so that watching costs little."""


async def watch(
    look: Callable[[], Awaitable[Tally]],
    ended: Callable[[Tally], bool],
    stuck: Callable[[Tally], str],
    clock: Clock,
    patience: Callable[[Tally], float] = lambda _: PATIENCE_SECONDS,
) -> Tally:
    """The tally with which it has `ended`. Raises TargetDownError, in the words of `stuck`, when nothing moves for so
    many seconds."""
    moved, last = clock.monotonic(), ""
    while True:
        began = clock.monotonic()
        found = await look()
        if ended(found):
            return found
        state = repr((found.facts.get("moved_at"), found.evaluated, found.unfinished, found.steps))
        if state != last:
            moved, last = clock.monotonic(), state
        elif clock.monotonic() - moved > patience(found):
            raise TargetDownError(stuck(found), code="not-finished")
        await clock.sleep(max(LOOK_SECONDS, SHARE * (clock.monotonic() - began)))


def bar(counted: str) -> Progress:
    """What is `counted`, on standard error where that is a terminal; nothing elsewhere."""
    columns = (TextColumn(counted), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
