"""The loops that the benchmark `evaluator` compares; each runs in a process of its own and prints its seconds.

All read the same events from the same topic and count from the first poll (fetching is held back until then) to the
commit of the last event.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from runtime.kafka import MAX_RECORD_BYTES, Consumer, Mark, Received
from runtime.service import Process, run_service
from schemas.mail import MailArrived
from schemas.topics import AUTOMATION_RESULTS, MAIL_ARRIVED
from services.evaluator import bootstrap
from services.evaluator.constants import GROUP
from services.evaluator.settings import EvaluatorSettings

BATCH = EvaluatorSettings.model_fields["evaluator_batch"].default
BARE_GROUP = "bench-bare"
PARTITIONS = range(MAIL_ARRIVED.partitions)
OUTPUT = AUTOMATION_RESULTS.name
"""What the bare loops write to: as many partitions as the input has, and nobody listens."""


class Stopwatch(Consumer):
    """The evaluator's consumer; on the live group it also takes the time, and ends the process after `events`."""

    events: ClassVar[int]
    process: ClassVar[Process]
    seconds: ClassVar[float] = 0.0

    def __init__(self, servers: str, group: str, topics: Sequence[str]) -> None:
        super().__init__(servers, group, topics)
        self._live = group == GROUP
        self._polled = 0
        self._began = 0.0

    async def start(self) -> None:
        """Nothing is fetched before the first poll."""
        await super().start()
        if self._live:
            self.pause()

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        """The first one starts the watch."""
        if self._live and not self._began:
            self._began = time.perf_counter()
            self.resume()
        found = await super().poll(max_records, seconds)
        self._polled += len(found)
        return found

    async def commit(self, upto: Mark | None = None) -> bool:
        """The last one stops it."""
        moved = await super().commit(upto)
        if self._live and self._polled >= self.events:
            Stopwatch.seconds = time.perf_counter() - self._began
            self.process.stopping.set()
        return moved


def real(events: int) -> float:
    """The evaluator's own main; only its consumer is a stopwatch as well."""
    settings = EvaluatorSettings()
    Stopwatch.events = events
    vars(bootstrap)["Consumer"] = Stopwatch

    async def main(process: Process) -> None:
        Stopwatch.process = process
        await bootstrap.run(process, settings)

    if run_service(settings.service, settings, main):
        raise SystemExit("the evaluator failed; its log says why")
    return Stopwatch.seconds


Publish = Callable[[AIOKafkaProducer, Sequence[tuple[bytes, bytes]]], Awaitable[None]]


async def one_by_one(producer: AIOKafkaProducer, records: Sequence[tuple[bytes, bytes]]) -> None:
    """`send` for each, then all acknowledgements."""
    sent = [await producer.send(OUTPUT, value=value, key=key) for key, value in records]
    await asyncio.gather(*sent)


async def in_batches(producer: AIOKafkaProducer, records: Sequence[tuple[bytes, bytes]]) -> None:
    """Batches built by hand and spread over the partitions without regard to keys: the fastest that aiokafka can."""
    sent = []
    for partition in PARTITIONS:
        batch = producer.create_batch()
        for key, value in records[partition :: len(PARTITIONS)]:
            if batch.append(timestamp=None, key=key, value=value) is None:
                sent.append(await producer.send_batch(batch, OUTPUT, partition=partition))
                batch = producer.create_batch()
                batch.append(timestamp=None, key=key, value=value)
        sent.append(await producer.send_batch(batch, OUTPUT, partition=partition))
    await asyncio.gather(*sent)


async def bare(servers: str, events: int, publish: Publish) -> float:
    """Consume, validate, dump, publish and await, commit; settings as in runtime/kafka.py."""
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, enable_idempotence=True, acks="all", linger_ms=2, max_batch_size=256 * 1024
    )
    consumer = AIOKafkaConsumer(
        MAIL_ARRIVED.name,
        bootstrap_servers=servers,
        group_id=BARE_GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_RECORD_BYTES,
    )
    await producer.start()
    await consumer.start()
    consumer.pause(*consumer.assignment())
    try:
        began, done = time.perf_counter(), 0
        consumer.resume(*consumer.paused())
        while done < events:
            if not (found := await consumer.getmany(timeout_ms=500, max_records=BATCH)):
                continue
            records = [
                (record.key, MailArrived.model_validate_json(record.value).model_dump_json().encode())
                for batch in found.values()
                for record in batch
            ]
            await publish(producer, records)
            await consumer.commit({partition: batch[-1].offset + 1 for partition, batch in found.items()})
            done += len(records)
        return time.perf_counter() - began
    finally:
        await consumer.stop()
        await producer.stop()


async def rewind(servers: str, group: str) -> None:
    """Let a group that nobody is in begin at the first event again."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(MAIL_ARRIVED.name, number) for number in PARTITIONS]
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()


def main() -> None:
    """The named loop on that many events."""
    parser = argparse.ArgumentParser()
    parser.add_argument("loop", choices=("real", "one_by_one", "in_batches"))
    parser.add_argument("servers")
    parser.add_argument("events", type=int)
    given = parser.parse_args()
    if given.loop == "real":
        print(real(given.events))
    else:
        publish = one_by_one if given.loop == "one_by_one" else in_batches
        print(asyncio.run(bare(given.servers, given.events, publish)))


if __name__ == "__main__":
    main()
