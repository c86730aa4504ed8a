"""Read topics from one offset to another, without a group: what is there now, in portions, then the end."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime.errors import TargetDownError
from runtime.kafka import MAX_RECORD_BYTES, START_SECONDS, Lane, Received, _received, _translated

PORTION = 200
"""Records that are in memory at once, besides what the client fetched ahead."""
POLL_SECONDS = 1.0
SILENCE_SECONDS = 30.0

Span = tuple[int, int]
"""Offsets of one partition: the first, and the one behind the last."""


class Scan(Protocol):
    """What is on some topics. `memory_topics.py` is the fake; one conformance suite runs on both."""

    async def start(self) -> dict[Lane, Span]:
        """What there is now, by partition; empty partitions and missing topics are left out. Raises TargetDownError."""

    def read(self, spans: Mapping[Lane, Span]) -> AsyncIterator[list[Received]]:
        """The records of these spans, in order within a partition. Raises TargetDownError when it gets no further."""

    async def since(self, lanes: Collection[Lane], moment: datetime) -> dict[Lane, int] | None:
        """The first offset of each partition whose record is not older than `moment`; without one it is left out.

        Only after `start`. None: this broker keeps no index of times (KIP-33). Raises TargetDownError.
        """

    async def stop(self) -> None:
        """Close the connection."""


class TopicScan:
    """See Scan. A topic that is missing is not made by looking for it."""

    def __init__(self, bootstrap: str, topics: Sequence[str], client_id: str) -> None:
        self._bootstrap = bootstrap
        self._topics = tuple(topics)
        self._client_id = client_id
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> dict[Lane, Span]:
        with _translated("looking for topics"):
            async with asyncio.timeout(START_SECONDS):
                existing = await self._existing()
                if not existing:
                    return {}
                consumer = self._consumer = self._make(*existing)
                await consumer.start()
                assigned = sorted(consumer.assignment())
                begins = await consumer.beginning_offsets(assigned)
                ends = await consumer.end_offsets(assigned)
        return {(tp.topic, tp.partition): (begins[tp], ends[tp]) for tp in assigned if begins[tp] < ends[tp]}

    async def _existing(self) -> list[str]:
        lister = self._make()
        try:
            await lister.start()
            return sorted(set(self._topics) & await lister.topics())
        finally:
            await lister.stop()

    def _make(self, *topics: str) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MAX_RECORD_BYTES,
        )

    async def read(self, spans: Mapping[Lane, Span]) -> AsyncIterator[list[Received]]:
        left = {TopicPartition(*lane): span[1] for lane, span in spans.items()}
        if self._consumer is None or not left:
            return
        self._consumer.resume(*self._consumer.paused())
        self._consumer.pause(*(self._consumer.assignment() - left.keys()))
        for lane, (begin, _) in spans.items():
            self._consumer.seek(TopicPartition(*lane), begin)
        silent_since = asyncio.get_running_loop().time()
        while left:
            found = await self._portion(left)
            if records := [record for record in found if record.offset < spans[record.topic, record.partition][1]]:
                silent_since = asyncio.get_running_loop().time()
                yield records
            elif asyncio.get_running_loop().time() - silent_since > SILENCE_SECONDS:
                raise TargetDownError(f"Kafka gave nothing of {', '.join(sorted(tp.topic for tp in left))} for a while")

    async def _portion(self, left: dict[TopicPartition, int]) -> list[Received]:
        """The next records; partitions that are at their end leave `left`. Between records there may be gaps."""
        assert self._consumer is not None
        with _translated("reading"):
            async with asyncio.timeout(SILENCE_SECONDS):
                found = await self._consumer.getmany(*left, timeout_ms=int(POLL_SECONDS * 1000), max_records=PORTION)
                for partition, end in list(left.items()):
                    if await self._consumer.position(partition) >= end:
                        del left[partition]
                        self._consumer.pause(partition)
        return [_received(record) for batch in found.values() for record in batch]

    async def since(self, lanes: Collection[Lane], moment: datetime) -> dict[Lane, int] | None:
        if self._consumer is None or not lanes:
            return {}
        with _translated("looking for times"):
            async with asyncio.timeout(START_SECONDS):
                found = await self._consumer.offsets_for_times(_asked(lanes, int(moment.timestamp() * 1000)))
                if not any(found.values()) and not any(
                    (await self._consumer.offsets_for_times(_asked(lanes, 0))).values()
                ):
                    return None
        return {(tp.topic, tp.partition): at.offset for tp, at in found.items() if at is not None}

    async def stop(self) -> None:
        if self._consumer is not None:
            with _translated("closing"):
                async with asyncio.timeout(START_SECONDS):
                    await self._consumer.stop()


def _asked(lanes: Collection[Lane], milliseconds: int) -> dict[TopicPartition, int]:
    return {TopicPartition(*lane): milliseconds for lane in lanes}
