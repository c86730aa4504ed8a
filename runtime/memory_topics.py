"""The fake of a broker for what publishes and what scans: topics in memory, made on first use."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from zlib import crc32

from runtime.errors import PermanentError
from runtime.kafka import MAX_RECORD_BYTES, Lane, Outgoing, Received
from runtime.kafka_scan import PORTION, Span


class MemoryTopics:
    """Publishes as runtime.kafka.Producer. `partitions`: of every topic; a key always has the same one.

    `now`: the time that a record gets; left out, records count in milliseconds from the epoch on.
    """

    def __init__(self, partitions: int = 1, now: Callable[[], datetime] | None = None) -> None:
        self._partitions = partitions
        self._now = now
        self.records: dict[Lane, list[Received]] = defaultdict(list)

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        for record in records:
            if len(record.value or b"") > MAX_RECORD_BYTES:
                raise PermanentError(f"a record for {record.topic} is too large", code="record-too-large")
        for record in records:
            chosen = crc32(record.key) % self._partitions if record.partition is None else record.partition
            lane = self.records[record.topic, chosen]
            at = len(lane) if self._now is None else int(self._now().timestamp() * 1000)
            lane.append(Received(record.topic, chosen, len(lane), record.key, record.value, tuple(record.headers), at))

    def of(self, topic: str) -> list[Received]:
        """Everything on a topic."""
        return [record for lane, found in sorted(self.records.items()) if lane[0] == topic for record in found]


class MemoryScan:
    """See kafka_scan.Scan."""

    def __init__(self, topics: MemoryTopics, names: Sequence[str]) -> None:
        self._topics = topics
        self._names = names

    async def start(self) -> dict[Lane, Span]:
        return {lane: (0, len(found)) for lane, found in self._topics.records.items() if lane[0] in self._names}

    async def read(self, spans: Mapping[Lane, Span]) -> AsyncIterator[list[Received]]:
        for lane, (begin, end) in spans.items():
            for at in range(begin, end, PORTION):
                yield self._topics.records[lane][at : min(at + PORTION, end)]

    async def since(self, lanes: Collection[Lane], moment: datetime) -> dict[Lane, int] | None:
        found: dict[Lane, int] = {}
        for lane in lanes:
            younger = [r.offset for r in self._topics.records[lane] if r.timestamp_ms >= moment.timestamp() * 1000]
            found |= {lane: min(younger)} if younger else {}
        return found

    async def stop(self) -> None:
        return
