"""The bounds that the framework works within."""

from dataclasses import dataclass, field
from datetime import timedelta

from runtime.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Policy:
    """How long, how often, how many.

    `lease` must be longer than any effect's time-out plus what the target may still do afterwards.
    """

    worker: str = "worker"
    lease: timedelta = timedelta(seconds=300)
    max_attempts: int = 8
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, longest=300.0))
    claim_wait: timedelta = timedelta(milliseconds=300)
    lane_bound: timedelta = timedelta(minutes=15)
    target_patience: timedelta = timedelta(hours=72)
