"""Whether Odoo is asked at all: one that is away must not cost every batch of mail its time-out."""

from runtime.backoff import Backoff
from runtime.clock import Clock


class Gate:
    """Open until a try fails; then one try each time that the pause is over, with longer and longer pauses."""

    def __init__(self, clock: Clock, backoff: Backoff) -> None:
        self._clock = clock
        self._backoff = backoff
        self._retry_at = 0.0
        self.failures = 0
        """Tries that failed in a row."""

    @property
    def closed(self) -> bool:
        """Whether `allow` says no."""
        return self.failures > 0 and self._clock.monotonic() < self._retry_at

    def allow(self) -> bool:
        """Whether to try now; a yes while it is closed keeps others out until the next pause is over."""
        if self.closed:
            return False
        if self.failures:
            self._pause()
        return True

    def answered(self) -> None:
        """Odoo answered."""
        self.failures = 0

    def failed(self) -> None:
        """Odoo did not answer in time."""
        self.failures += 1
        self._pause()

    def _pause(self) -> None:
        self._retry_at = self._clock.monotonic() + self._backoff.delay(max(1, self.failures))
