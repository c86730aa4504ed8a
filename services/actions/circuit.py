"""A circuit per target: after failures in a row nothing is sent to it until a pause is over; then one try decides."""

from dataclasses import dataclass

from runtime.backoff import Backoff
from runtime.clock import Clock
from services.actions.metrics import CIRCUIT_OPEN

KINDS = ("mailbox", "odoo", "odoo-gateway", "smtp")
"""Of targets, so that each is seen to be closed before it ever opens."""


@dataclass(slots=True)
class _Target:
    failures: int = 0
    pauses: int = 0
    retry_at: float = 0.0
    text: str = ""


class Circuits:
    """The circuits of one process, by target. `threshold`: failed calls in a row that open one."""

    def __init__(self, clock: Clock, backoff: Backoff, threshold: int = 3) -> None:
        self._clock = clock
        self._backoff = backoff
        self._threshold = threshold
        self._targets: dict[str, _Target] = {}
        for kind in KINDS:
            CIRCUIT_OPEN.labels(target=kind).set(0)

    def is_open(self, target: str) -> bool:
        """Whether the target counts as down."""
        found = self._targets.get(target)
        return found is not None and found.failures >= self._threshold

    def allow(self, target: str) -> bool:
        """Whether to try now. While open, one try is let through each time that the pause is over."""
        if not self.is_open(target):
            return True
        found = self._targets[target]
        if self._clock.monotonic() < found.retry_at:
            return False
        self._pause(found)
        return True

    def wait_seconds(self, target: str) -> float:
        """Until the next try is allowed; 0 when it is now."""
        found = self._targets.get(target)
        return max(0.0, found.retry_at - self._clock.monotonic()) if found is not None else 0.0

    def reason(self, target: str) -> str:
        """The last failure's text."""
        found = self._targets.get(target)
        return found.text if found is not None else ""

    def answered(self, target: str) -> None:
        """The target works; what it said does not matter."""
        if self._targets.pop(target, None) is not None:
            self._count_open(target)

    def failed(self, target: str, text: str) -> None:
        """A call did not reach the target."""
        found = self._targets.setdefault(target, _Target())
        found.failures += 1
        found.text = text
        if found.failures >= self._threshold:
            self._pause(found)
        self._count_open(target)

    def trip(self, target: str, text: str) -> None:
        """The target was asked whether it is there, and is not: this alone opens the circuit."""
        self._targets.setdefault(target, _Target()).failures += self._threshold - 1
        self.failed(target, text)

    def _pause(self, found: _Target) -> None:
        found.pauses += 1
        found.retry_at = self._clock.monotonic() + self._backoff.delay(found.pauses)

    def _count_open(self, target: str) -> None:
        kind = _kind(target)
        CIRCUIT_OPEN.labels(target=kind).set(sum(self.is_open(name) for name in self._targets if _kind(name) == kind))


def _kind(target: str) -> str:
    """`mailbox:support` → `mailbox`: a bounded label."""
    return target.split(":", 1)[0]
