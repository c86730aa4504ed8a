"""The bounds that the framework works within."""

from dataclasses import dataclass, field
from datetime import timedelta

from runtime.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Policy:
    """How long, how often, how many.

    `lease` must be longer than any effect's time-out plus what the target may still do afterwards. `claim_wait`: how
    soon to look again for a claim or a lane, at first. `mailbox_grace`: a mailbox may be heard of later than its mail.
    `lane_bound`: how long one stands behind another that fails. `target_patience`: how long one waits for a target.
    """

    worker: str = "worker"
    lease: timedelta = timedelta(seconds=300)
    max_attempts: int = 8
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, longest=300.0))
    claim_wait: timedelta = timedelta(milliseconds=300)
    claim_wait_longest: timedelta = timedelta(seconds=5)
    mailbox_grace: timedelta = timedelta(seconds=3)
    lane_bound: timedelta = timedelta(minutes=15)
    target_patience: timedelta = timedelta(hours=72)
