"""What all benchmarks share: a result beside its limit, and rounds that alternate so that noise hits both alike."""

import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from runtime.collector import spare_the_collector

T = TypeVar("T")
Measure = Callable[[], float]
Awaited = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Result:
    """One value. `name` starts with the benchmark's name; `limit_name` says what `limit` is, in the same unit."""

    name: str
    unit: str
    value: float
    limit_name: str
    limit: float

    @property
    def ratio(self) -> float:
        """Value over limit. Whether more is better is in docs/reference/benchmarks.md."""
        return self.value / self.limit if self.limit else 0.0


def alternating(rounds: int, measures: Mapping[str, Measure]) -> dict[str, float]:
    """The median of each measure over `rounds`, taken in turns; a first round of all is not counted.

    The order turns around with every round, so that none always runs after the same other one.
    """
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for counts, name in _turns(rounds, list(measures)):
        value = measures[name]()
        if counts:
            taken[name].append(value)
    return {name: median(values) for name, values in taken.items()}


async def alternating_awaited(rounds: int, measures: Mapping[str, Awaited]) -> dict[str, float]:
    """The same for measures that are coroutines, one at a time."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for counts, name in _turns(rounds, list(measures)):
        value = await measures[name]()
        if counts:
            taken[name].append(value)
    return {name: median(values) for name, values in taken.items()}


def _turns(rounds: int, names: Sequence[str]) -> Iterator[tuple[bool, str]]:
    for number in range(rounds + 1):
        for name in names[:: 1 if number % 2 else -1]:
            yield number > 0, name


def rate(items: Sequence[T], step: Callable[[T], object]) -> float:
    """How many items a second `step` takes, one after the other."""
    gc.collect()
    began = time.perf_counter()
    for item in items:
        step(item)
    return len(items) / (time.perf_counter() - began)


@contextmanager
def collecting_as_a_service() -> Iterator[None]:
    """Garbage is looked for as rarely in all the loops, the bare one too."""
    before = gc.get_threshold()
    spare_the_collector()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all do not exceed (nearest rank). Raises ValueError."""
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(values)
    rank = max(1, -int(-share * len(ordered) // 1))
    return ordered[min(rank, len(ordered)) - 1]
