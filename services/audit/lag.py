"""How far behind this process is, from what Faust knows anyway."""

from collections import defaultdict
from typing import Any

from prometheus_client import Gauge


class LagGauge:
    """Counts the records of the assigned partitions from the committed offset to the end last heard of."""

    def __init__(self, app: Any, gauge: Gauge, topics: tuple[str, ...]) -> None:
        self._app = app
        self._gauge = gauge
        self._topics = topics

    def update(self) -> dict[str, int]:
        """Set the gauge; returns the records by topic."""
        behind: dict[str, int] = defaultdict(int, dict.fromkeys(self._topics, 0))
        monitor = self._app.monitor
        for partition in self._app.consumer.assignment():
            end = monitor.tp_end_offsets.get(partition)
            committed = monitor.tp_committed_offsets.get(partition)
            if end is not None and committed is not None:
                behind[partition.topic] += max(0, end - committed)
        for topic, count in behind.items():
            self._gauge.labels(topic).set(count)
        return dict(behind)
