"""Bounds on processor time that hold on slower machines too: best of several tries, against the machine's own pace."""

from collections.abc import Callable
from time import thread_time

MEGABYTE = 1_000_000
TRIES = 10
PASS_SECONDS = 0.02
"""What one look at each character of a megabyte takes where the bounds were set."""


def best_seconds(call: Callable[[], object], enough: float = 0.0) -> float:
    """Of TRIES calls the fewest seconds of this thread's processor time; no more calls once one takes `enough`."""
    best = float("inf")
    for _ in range(TRIES):
        start = thread_time()
        call()
        best = min(best, thread_time() - start)
        if best <= enough:
            break
    return best


def assert_costs_at_most(seconds: float, call: Callable[[], object]) -> None:
    """Only a machine that is slower than usual just now is given more."""
    best = best_seconds(call, seconds)
    if best > seconds:
        slowness = max(1.0, best_seconds(_look) / PASS_SECONDS)
        assert best <= seconds * slowness, f"took {best:.4f} s; at most {seconds} s, {slowness:.1f} times slower"


def _look() -> int:
    return sum(map(ord, "ab" * (MEGABYTE // 2)))
