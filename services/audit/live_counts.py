"""What a window counts: results by state, and how long their attempts took."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from runtime.metrics import LATENCY_BUCKETS
from schemas.result import ExecutionResult

MINUTE = 60.0
KEPT_SECONDS = 15 * MINUTE
STATES: tuple[str, ...] = ("succeeded", "failed", "skipped", "planned", "retry_wait")
TIMED = len(STATES)
SUM = TIMED + 1
BUCKETS = TIMED + 2
WIDTH = BUCKETS + len(LATENCY_BUCKETS) + 1
Counts = list[float]
"""By position: results per state, those with a duration, their seconds, and those per bucket (not cumulative)."""


class Group(NamedTuple):
    """What is counted together. `partition` is that of the results, so that one process owns the group."""

    partition: int
    mailbox: str
    rule: str
    action: str


def read(value: bytes | None, partition: int) -> tuple[Group, Counts] | None:
    """One result as counts; None when it is no result: the log tells of it."""
    try:
        result = ExecutionResult.model_validate_json(value or b"")
    except (ValidationError, ValueError, RecursionError):
        return None
    counts: Counts = [0] * WIDTH
    counts[STATES.index(result.state)] = 1
    if result.started_at is not None:
        seconds = max(0.0, (result.finished_at - result.started_at).total_seconds())
        counts[TIMED], counts[SUM] = 1, seconds
        counts[BUCKETS + bisect_left(LATENCY_BUCKETS, seconds)] = 1
    return Group(partition, result.mailbox, result.rule.id, result.type), counts


def added(held: Sequence[float], more: Sequence[float]) -> Counts:
    """A new list: the sum of both. What was held by an older version, with another width, starts anew."""
    if len(held) != len(more):
        return list(more)
    return [left + right for left, right in zip(held, more, strict=True)]


def quantile(counts: Sequence[float], share: float) -> float | None:
    """Seconds that at least that share of the attempts did not exceed, read up to the next edge of the buckets.

    None without attempts; infinity beyond the last edge.
    """
    if not counts[TIMED]:
        return None
    so_far = 0.0
    for edge, count in zip((*LATENCY_BUCKETS, float("inf")), counts[BUCKETS:], strict=True):
        so_far += count
        if so_far >= share * counts[TIMED]:
            return edge
    return float("inf")
