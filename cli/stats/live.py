"""The live statistics, read from where the audit services keep their windows: in Kafka."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from runtime.kafka_scan import Scan
from schemas.topics import AUDIT_LIVE_CHANGELOG
from services.audit.live_counts import KEPT_SECONDS, MINUTE, STATES, SUM, TIMED, WIDTH, Counts, added, quantile

SHOWN = timedelta(minutes=5)
Shown = tuple[str, str, str]
"""Mailbox, rule and action type."""


async def live_rows(scan: Scan, now: datetime) -> list[Mapping[str, Any]] | None:
    """A row per mailbox, rule and action type with results in the last minutes; None where no windows are kept.

    Raises TargetDownError.
    """
    spans = {lane: span for lane, span in (await scan.start()).items() if lane[0] == AUDIT_LIVE_CHANGELOG.name}
    if not spans:
        return None
    firsts = await scan.since(list(spans), now - timedelta(seconds=KEPT_SECONDS))
    if firsts is not None:
        spans = {lane: (firsts[lane], spans[lane][1]) for lane in spans if lane in firsts}
    newest: dict[bytes, bytes | None] = {}
    async for portion in scan.read(spans):
        newest.update((record.key, record.value) for record in portion)
    return [_row(shown, counts) for shown, counts in sorted(_summed(newest.items(), now).items())]


def _summed(windows: Iterable[tuple[bytes, bytes | None]], now: datetime) -> dict[Shown, Counts]:
    sums: dict[Shown, Counts] = {}
    begin = (now - SHOWN).timestamp() - MINUTE
    for key, value in windows:
        (_, *shown), (minute, _) = json.loads(key)
        counts = json.loads(value) if value else []
        if minute > begin and len(counts) == WIDTH:
            mailbox, rule, action = map(str, shown)
            sums[mailbox, rule, action] = added(sums.get((mailbox, rule, action), ()), counts)
    return sums


def _row(shown: Shown, counts: Sequence[float]) -> Mapping[str, Any]:
    """Columns named as those of the views; what windows do not know is None."""
    timed = counts[TIMED]
    states = {state: int(count) for state, count in zip(STATES, counts, strict=False)}
    return {
        **dict(zip(("mailbox", "rule_id", "action_type"), shown, strict=True)),
        "commands": sum(states.values()),
        **states,
        "seconds_avg": counts[SUM] / timed if timed else None,
        "seconds_p50": _finite(quantile(counts, 0.5)),
        "seconds_p95": _finite(quantile(counts, 0.95)),
        "seconds_max": None,
        "arrival_avg": None,
        "arrival_max": None,
        "last_finished_at": None,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or math.isinf(value) else value
