"""Metrics, declared with their meaning. Each service lists its own in `metrics.py`; the reference is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which nobody reads

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


@dataclass(frozen=True, slots=True)
class Described:
    """What the reference says about a metric."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    meaning: str
    labels: tuple[str, ...]


CATALOGUE: list[Described] = []


class Named:
    """Label values that configuration makes, of which the first so many get a series of their own.

    What comes later counts as `other` in every label, so that a process's memory and its page stay bounded.
    """

    def __init__(self, counter: Counter, most: int = 1_000) -> None:
        self._counter = counter
        self._most = most
        self._known: dict[tuple[str, ...], Counter] = {}

    def labels(self, *values: str) -> Counter:
        """The series of these values."""
        if (found := self._known.get(values)) is None:
            room = len(self._known) < self._most
            found = self._counter.labels(*(values if room else ("other",) * len(values)))
            if room:
                self._known[values] = found
        return found


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """A count that only rises; the name ends in `_total`."""
    CATALOGUE.append(Described(name, "counter", "1", meaning, tuple(labels)))
    return Counter(name, meaning, labels)


def gauge(name: str, meaning: str, labels: Sequence[str] = (), unit: str = "1") -> Gauge:
    """A value that goes up and down."""
    CATALOGUE.append(Described(name, "gauge", unit, meaning, tuple(labels)))
    return Gauge(name, meaning, labels)


def histogram(
    name: str, meaning: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS
) -> Histogram:
    """Seconds, in buckets; the name ends in `_seconds`."""
    CATALOGUE.append(Described(name, "histogram", "seconds", meaning, tuple(labels)))
    return Histogram(name, meaning, labels, buckets=buckets)
