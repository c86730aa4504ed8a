"""Files that are watched by asking the file system how they are: cheap, and true on network file systems too.

Nothing is told of a change that a file system shows late, or not at all; the reader's next look finds it.
"""

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Final

from connectors.mailbox.news import News
from connectors.mailbox.serial import SerialThread

EVERY: Final = 0.4
"""Seconds between two questions; more where an answer takes long: asking costs a twentieth."""
ASKING: Final = 20.0
SETTLE: Final = 0.2
"""Seconds that what is written in place has to stay as it is, so that no half of a mail is read."""
LONGEST_SETTLE: Final = 5.0
TICK_NS: Final = 50_000_000
"""Nanoseconds in which two changes may have the same time; the kernel's clock ticks every 1 to 10 milliseconds."""
SHARE: Final = 4.0
"""A scan that took s seconds is not asked for again before 4 s have passed: looking costs a fifth."""
LONGEST_SHARE: Final = 60.0

State = tuple[Hashable, ...]


class Watch:
    """`state`: what stat tells of a folder's files, cheaply; `detail`: what tells whether one is still written. Both
    run in the mailbox's thread."""

    def __init__(
        self, thread: SerialThread, state: Callable[[str], State], detail: Callable[[str], State] | None = None
    ) -> None:
        self._thread = thread
        self._state = state
        self._detail = detail
        self._seen: dict[str, State | None] = {}
        self._began = self._ready = 0.0
        self._every = 0.0

    async def scanning(self, folder: str) -> None:
        """A scan of this folder begins: what changes from here on is news."""
        self._began = time.monotonic()
        state = await self._thread.run(self._state, folder)
        self._seen[folder] = None if _newest(state) > time.time_ns() - TICK_NS else state

    def scanned(self) -> None:
        """It came to its end."""
        now = time.monotonic()
        self._ready = now + min(LONGEST_SHARE, SHARE * (now - self._began))

    async def news(self, folders: Sequence[str], seconds: float) -> News:
        """See MailboxConnection.wait. A folder that was never scanned tells nothing."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            every = max(EVERY, self._every)
            await asyncio.sleep(min(every, left))
            if left > every and time.monotonic() >= self._ready and (changed := await self._changed(folders)):
                await self._settled(changed)
                return News.TOLD
        return News.QUIET

    async def _changed(self, folders: Sequence[str]) -> str:
        """The first that is not as its last scan saw it; empty: none."""
        began = time.monotonic()
        changed = ""
        for folder in folders:
            if folder in self._seen and await self._thread.run(self._state, folder) != self._seen[folder]:
                changed = folder
                break
        self._every = ASKING * (time.monotonic() - began)
        return changed

    async def _settled(self, folder: str) -> None:
        if self._detail is None:
            return
        end = time.monotonic() + LONGEST_SETTLE
        before = await self._thread.run(self._detail, folder)
        while time.monotonic() < end:
            await asyncio.sleep(SETTLE)
            now = await self._thread.run(self._detail, folder)
            if now == before:
                return
            before = now


def of_paths(paths: Iterable[Path]) -> State:
    """Identity, size and times of each; a path that there is not is nothing."""
    return tuple(_of(path) for path in paths)


def _of(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _newest(state: State) -> int:
    return max((each[-1] for each in state if isinstance(each, tuple) and each), default=0)
