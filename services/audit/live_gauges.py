"""The last five minutes as metrics, the busiest groups by name and the others together."""

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client import Gauge

from services.audit.live_counts import KEPT_SECONDS, MINUTE, STATES, Counts, added, quantile
from services.audit.live_windows import Windows

SHOWN_MINUTES = 5
NAMED = 100
"""Groups that have their own labels at most."""
OTHER = "(other)"
Shown = tuple[str, str, str]
"""Mailbox, rule and action type."""


class Gauges(NamedTuple):
    """Where it is shown."""

    results: Gauge
    seconds: Gauge


class LiveGauges:
    """Shows what windows hold; sums over the processes are the whole."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def show(self, windows: Windows, now: float) -> None:
        """What is in `windows`, and nothing else."""
        for gauge in self._gauges:
            gauge.clear()
        for labels, counts in grouped(windows, now).items():
            for state, count in zip(STATES, counts, strict=False):
                if count:
                    self._gauges.results.labels(*labels, state).set(count)
            if (p95 := quantile(counts, 0.95)) is not None:
                self._gauges.seconds.labels(*labels).set(p95)


def grouped(windows: Windows, now: float) -> Mapping[Shown, Counts]:
    """The sums of the minutes shown, at most NAMED groups and one for all others."""
    sums: dict[Shown, Counts] = {}
    begin = now - SHOWN_MINUTES * MINUTE
    for (group, minute), counts in windows.items(now - KEPT_SECONDS):
        if minute >= begin:
            shown = (group.mailbox, group.rule, group.action)
            sums[shown] = added(sums.get(shown, ()), counts)
    ranked = sorted(sums, key=lambda shown: (-sum(sums[shown][: len(STATES)]), shown))
    kept = {shown: sums[shown] for shown in ranked[:NAMED]}
    for shown in ranked[NAMED:]:
        kept[OTHER, OTHER, OTHER] = added(kept.get((OTHER, OTHER, OTHER), ()), sums[shown])
    return kept
