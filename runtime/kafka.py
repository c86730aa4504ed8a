"""Kafka: a producer whose sends are all awaited, a consumer whose offsets move by hand, a reader of compacted topics.

aiokafka commits happily although an un-awaited produce failed, so nothing here hands out a future.
"""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    RecordTooLargeError,
)
from aiokafka.partitioner import DefaultPartitioner

from runtime.errors import PermanentError, TargetDownError, TransientError

SEND_SECONDS = 30.0
START_SECONDS = 10.0
COMMIT_SECONDS = 15.0
MAX_RECORD_BYTES = 6 * 1024 * 1024

HEADER_BYTES = 128
"""More than Kafka adds to a record, a batch or a header."""

Headers = list[tuple[str, bytes]]
Lane = tuple[str, int]
"""A topic and a partition."""
Mark = dict[Lane, int]
"""Of partitions, the first offset that is not read yet."""

_PARTITIONER = DefaultPartitioner()
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be published. `value` None is a tombstone; `partition` None: chosen by the key."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = field(default_factory=list)
    partition: int | None = None


class Received(NamedTuple):
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except _TOO_LARGE as error:
        raise PermanentError(f"Kafka: a record is too large while {doing}", code="record-too-large") from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise TargetDownError(f"Kafka: {type(error).__name__} while {doing}", code="kafka-down") from error


class Producer:
    """Publishes records and returns when all are acknowledged by all in-sync replicas.

    The client numbers a batch for good when it takes it up. One that is given up (refused, or without a leader for too
    long) leaves a gap, and the broker refuses every later one of the partition: so the client is replaced then.
    """

    def __init__(self, bootstrap: str, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._producer = self._make()
        self._gap = False
        self._renewing = asyncio.Lock()
        self._retired: set[asyncio.Task[None]] = set()

    def _make(self) -> Any:
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            linger_ms=2,
            max_batch_size=256 * 1024,
            max_request_size=MAX_RECORD_BYTES,
            request_timeout_ms=int(SEND_SECONDS * 1000 / 2),
        )

    async def start(self) -> None:
        """Raises TargetDownError when no broker answers."""
        with _translated("connecting"):
            async with asyncio.timeout(START_SECONDS):
                await self._producer.start()

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Publish, in the order given per partition. Raises TransientError when any is not acknowledged: then repeat
        them all; PermanentError when one is too large: then, unless the broker takes less than MAX_RECORD_BYTES, none
        was published.
        """
        with _translated("publishing"):
            async with asyncio.timeout(SEND_SECONDS):
                producer = await self._without_gap()
                lanes = await _by_partition(producer, records)
                batches = [(lane, _batches(producer, found)) for lane, found in lanes.items()]
                try:
                    await _send(producer, batches)
                except KafkaTimeoutError:  # a batch that was not taken up has no number
                    raise
                except KafkaError:
                    self._gap = self._gap or producer is self._producer
                    raise

    async def _without_gap(self) -> Any:
        async with self._renewing:
            if self._gap:
                fresh = self._make()
                try:
                    await fresh.start()
                except BaseException:
                    await fresh.stop()
                    raise
                self._retire(self._producer)
                self._producer, self._gap = fresh, False
            return self._producer

    def _retire(self, producer: Any) -> None:
        """Others may still wait for what it holds; it closes when that is done."""
        task = asyncio.get_running_loop().create_task(_close(producer))
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)

    async def stop(self) -> None:
        """Flush and close; gives up quietly after a few seconds, since everything acknowledged is safe."""
        try:
            with _translated("closing"):
                async with asyncio.timeout(START_SECONDS):
                    await asyncio.gather(self._producer.stop(), *self._retired)
        except TransientError:
            return


async def _by_partition(producer: Any, records: Sequence[Outgoing]) -> dict[Lane, list[Outgoing]]:
    """The records of each topic and partition."""
    partitions: dict[str, tuple[int, ...]] = {}
    lanes: dict[Lane, list[Outgoing]] = {}
    for record in records:
        if (found := partitions.get(record.topic)) is None:
            found = partitions[record.topic] = tuple(sorted(await producer.partitions_for(record.topic)))
        partition = _partition(record.key, found) if record.partition is None else record.partition
        lanes.setdefault((record.topic, partition), []).append(record)
    return lanes


def _batches(producer: Any, records: Sequence[Outgoing]) -> list[Any]:
    """Batches built by hand: half the work of sending one by one."""
    batch = producer.create_batch()
    batches = [batch]
    for record in records:
        _check_size(record)
        fields = {"timestamp": None, "key": record.key, "value": record.value, "headers": record.headers}
        if batch.append(**fields) is None:
            batch = producer.create_batch()
            batch.append(**fields)
            batches.append(batch)
    for each in batches:
        each.close()
    return batches


async def _send(producer: Any, batches: Sequence[tuple[Lane, Sequence[Any]]]) -> None:
    sent = []
    # A partition takes its second batch only when the first is on its way: begin with everybody's first.
    for turn in itertools.zip_longest(*([(lane, each) for each in found] for lane, found in batches)):
        for lane, batch in filter(None, turn):
            sent.append(await producer.send_batch(batch, lane[0], partition=lane[1]))
    await asyncio.gather(*sent)


async def _close(producer: Any) -> None:
    with suppress(KafkaError, OSError):
        await producer.stop()


class Consumer:
    """A member of a consumer group. Offsets move only by `commit`."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], *, session_ms: int = 10_000) -> None:
        self._topics = tuple(topics)
        self._positions: dict[TopicPartition, int] = {}
        self._undone: dict[TopicPartition, int] = {}
        """The first record of each partition that was polled and is not committed."""
        self._consumer = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=bootstrap,
            group_id=group,
            client_id=f"maildesk-{group}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
            max_poll_interval_ms=600_000,
            max_partition_fetch_bytes=MAX_RECORD_BYTES,
            metadata_max_age_ms=10_000,
        )

    async def start(self) -> None:
        """Raises TargetDownError when no broker answers."""
        with _translated("joining its group"):
            async with asyncio.timeout(START_SECONDS):
                await self._consumer.start()

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        """Up to `max_records`, waiting up to `seconds` for the first."""
        with _translated("reading"):
            found = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=max_records)
        records = [_received(record) for batch in found.values() for record in batch]
        for partition, batch in found.items():
            if batch:
                self._positions[partition] = batch[-1].offset + 1
                self._undone.setdefault(partition, batch[0].offset)
        return records

    def mark(self) -> Mark:
        """How far it has polled, to commit up to there once more was polled."""
        return {(lane.topic, lane.partition): offset for lane, offset in self._positions.items()}

    async def commit(self, upto: Mark | None = None) -> bool:
        """Commit everything polled so far, or up to a mark. False when the group has moved on: then others read it
        again."""
        wanted = {TopicPartition(*lane): offset for lane, offset in (self.mark() if upto is None else upto).items()}
        if not wanted:
            return True
        assigned = self._consumer.assignment()
        offsets = {partition: offset for partition, offset in wanted.items() if partition in assigned}
        if not offsets:
            self._came_to(wanted)
            return False
        try:
            with _translated("committing"):
                async with asyncio.timeout(COMMIT_SECONDS):
                    await self._consumer.commit(offsets)
        except TargetDownError as error:
            if isinstance(error.__cause__, CommitFailedError | IllegalStateError):
                self._forget()
                return False
            raise
        self._came_to(wanted)
        return True

    def _came_to(self, offsets: dict[TopicPartition, int]) -> None:
        for partition, offset in offsets.items():
            if self._positions.get(partition, offset) == offset:
                self._positions.pop(partition, None)
                self._undone.pop(partition, None)
            else:
                self._undone[partition] = offset

    def _forget(self) -> None:
        self._positions.clear()
        self._undone.clear()

    async def behind(self) -> dict[Lane, tuple[int, int]]:
        """Of each partition that is assigned: the offset up to which all is done, and the end. Also while paused.

        Raises TargetDownError.
        """
        lanes = sorted(self._consumer.assignment())
        with _translated("asking for its lag"):
            async with asyncio.timeout(START_SECONDS):
                ends = await self._consumer.end_offsets(lanes) if lanes else {}
                done = {lane: self._undone.get(lane, await self._consumer.position(lane)) for lane in ends}
        return {(lane.topic, lane.partition): (done[lane], end) for lane, end in ends.items()}

    def pause(self) -> None:
        """Fetch nothing more from the partitions that are assigned, but stay in the group."""
        self._consumer.pause(*self._consumer.assignment())

    def resume(self) -> None:
        """Fetch again."""
        self._consumer.resume(*self._consumer.paused())

    async def stop(self) -> None:
        """Leave the group."""
        try:
            with _translated("leaving its group"):
                async with asyncio.timeout(START_SECONDS):
                    await self._consumer.stop()
        except TransientError:
            return


class CompactedReader:
    """Reads a whole compacted topic from its beginning, without a group, then follows it."""

    def __init__(self, bootstrap: str, topic: str, client_id: str) -> None:
        self._topic = topic
        self._consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MAX_RECORD_BYTES,
            metadata_max_age_ms=10_000,
        )

    async def start(self) -> list[Received]:
        """Everything up to the end offsets seen now. Raises TargetDownError when the topic cannot be read."""
        with _translated(f"reading {self._topic} (is it there? `maildesk topics create` makes it)"):
            async with asyncio.timeout(START_SECONDS):
                await self._consumer.start()
                ends = await self._consumer.end_offsets(sorted(self._consumer.assignment()))
        found: list[Received] = []
        while await self._behind(ends):
            found += await self.poll(seconds=1.0)
        return found

    async def _behind(self, ends: dict[TopicPartition, int]) -> bool:
        with _translated(f"reading {self._topic}"):
            async with asyncio.timeout(START_SECONDS):
                return any([await self._consumer.position(partition) < end for partition, end in ends.items()])

    async def poll(self, seconds: float) -> list[Received]:
        """What is new, waiting up to `seconds`."""
        with _translated(f"reading {self._topic}"):
            found = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=5_000)
        return [_received(record) for batch in found.values() for record in batch]

    async def stop(self) -> None:
        """Close the connection."""
        try:
            with _translated("closing"):
                async with asyncio.timeout(START_SECONDS):
                    await self._consumer.stop()
        except TransientError:
            return


@lru_cache(maxsize=4096)
def _partition(key: bytes, partitions: tuple[int, ...]) -> int:
    """As every Kafka client chooses it (murmur2). Remembered: what follows from a record mostly has its key."""
    found: int = _PARTITIONER(key, partitions, partitions)
    return found


def _check_size(record: Outgoing) -> None:
    """What a broker would refuse takes the other records of its batch along, so it is refused here."""
    headers = sum(len(name) + len(value) + HEADER_BYTES for name, value in record.headers)
    if len(record.key) + len(record.value or b"") + headers + HEADER_BYTES > MAX_RECORD_BYTES:
        raise RecordTooLargeError(f"a record for {record.topic} is larger than {MAX_RECORD_BYTES} bytes")


def _received(record: Any) -> Received:
    return Received(
        record.topic,
        record.partition,
        record.offset,
        record.key or b"",
        record.value,
        tuple(record.headers),
        record.timestamp,
    )
