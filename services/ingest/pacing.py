"""How long one mailbox's loop waits: until it looks by itself, and before it follows a source that calls."""

from runtime.clock import Clock

LONGEST_WAIT = 60.0
SHARE = 4.0
"""A pass that took s seconds and found nothing new is followed by a wait of at least 4 s: looking costs a fifth."""
GATHER = 0.05
"""Seconds between a source's call and the look: mails that come together are read together."""


class Pace:
    """The pace of one mailbox. `poll`: seconds between two looks where the source tells nothing."""

    def __init__(self, poll: float, clock: Clock) -> None:
        self._poll = poll
        self._clock = clock
        self._ended = 0.0
        self._pause = poll
        self._vain = 0

    def looked(self, *, new: int, seconds: float, called: bool) -> None:
        """A pass of so many seconds ended that found `new` mails; `called`: the source had asked for it."""
        self._ended = self._clock.monotonic()
        self._pause = self._poll if new else max(self._poll, min(LONGEST_WAIT, SHARE * seconds))
        self._vain = self._vain + 1 if called and not new else 0

    def pause(self) -> float:
        """Seconds until the next look where the source tells nothing."""
        return self._pause

    def rest(self) -> float:
        """Seconds before a look that the source asks for; more for one that calls again and again for nothing."""
        if not self._vain:
            return GATHER
        apart = min(self._pause, GATHER * 2.0 ** min(self._vain, 6))
        return max(GATHER, apart - (self._clock.monotonic() - self._ended))
