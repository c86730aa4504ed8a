"""How far the reading of a folder with much mail is: in the log, and in the mailbox's status."""

import logging
from dataclasses import dataclass
from typing import Protocol

from connectors.mailbox.port import Batch
from runtime.clock import Clock
from services.ingest.metrics import AHEAD
from services.ingest.model import Feed

log = logging.getLogger(__name__)
MUCH = 500
"""Messages in one look from which on it is told how far it is."""
EVERY_SECONDS = 10.0
"""Between two lines of the log."""
GAP = 1_000
"""A batch is smaller: where more was left out, another look has begun."""


class Board(Protocol):
    """What is needed of services.ingest.status.StatusBoard."""

    def progress(self, mailbox: str, told: dict[str, int | str] | None) -> None:
        """How far a mailbox is; None: nothing to tell."""


@dataclass(slots=True)
class _Look:
    """One look at one folder. Times are monotonic seconds; how long the first batch took is not known, so the rate is
    that of those after it."""

    began: float
    first: int
    ahead: int
    read: int = 0
    told: float = 0.0


class Progress:
    """Told of every batch that is handled. `read` counts what the look gave, known or new."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._looks: dict[Feed, _Look] = {}

    def handled(self, feed: Feed, batch: Batch) -> None:
        """A batch is recorded and published, and the cursor is behind it."""
        if batch.ahead is None:
            return
        now = self._clock.monotonic()
        look = self._looks.get(feed)
        if look is None or not 0 < look.ahead - batch.ahead <= GAP:
            if not batch.ahead:
                return  # all in one batch
            self._looks[feed] = _Look(now, len(batch.messages), batch.ahead, told=now)
            return
        look.read += look.ahead - batch.ahead
        look.ahead = batch.ahead
        self._tell(feed, look, now)
        if not batch.ahead:
            del self._looks[feed]

    def _tell(self, feed: Feed, look: _Look, now: float) -> None:
        total = look.first + look.read + look.ahead
        rate = look.read / max(now - look.began, 1e-6)
        told: dict[str, int | str] = {
            "folder": feed.folder,
            "read": total - look.ahead,
            "of": total,
            "per_second": round(rate),
            "seconds_left": round(look.ahead / rate),
        }
        if total >= MUCH:
            AHEAD.labels(feed.mailbox).set(look.ahead)
            self._board.progress(feed.mailbox, told if look.ahead else None)
            if now - look.told >= EVERY_SECONDS or (not look.ahead and look.told > look.began):
                look.told = now
                log.info("reading much mail", extra={"mailbox": feed.mailbox, **told})
