"""From points in time to offsets of the mail topics."""

from datetime import datetime, timedelta

from runtime.kafka import Lane
from runtime.kafka_scan import Scan, Span

OUT_OF_ORDER = timedelta(minutes=1)
"""Records of a partition carry the clocks of those who published them, so a later one may be older by a little."""


async def spans_between(scan: Scan, begins_at: datetime, ends_at: datetime) -> dict[Lane, Span]:
    """Where records that were published in that time lie; some others may lie there too. Raises TargetDownError."""
    there = await scan.start()
    first = await scan.since(there, begins_at)
    behind = await scan.since(there, ends_at + OUT_OF_ORDER)
    if first is None or behind is None:
        return there
    spans = {lane: (first[lane], behind.get(lane, end)) for lane, (_, end) in there.items() if lane in first}
    return {lane: (begin, end) for lane, (begin, end) in spans.items() if begin < end}
