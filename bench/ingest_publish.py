"""Publishing events to a real Kafka: our ways beside bare aiokafka.

In one run, in turns, the same events to the same topic, 200 at once, each lot acknowledged by all before the next:
- ours: encoded (pydantic dump, CloudEvents headers) and sent by our producer, as ingest does
- relay: from the ledger in Postgres: read the rows, send them, mark them as published
- bare: `send` of bytes that were encoded before, with their keys and headers, by a producer that was set up alike
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer

from bench.corpus import MAILBOX, events
from bench.harness import alternating_awaited
from bench.servers import kafka, postgres, scratch
from runtime.clock import SystemClock
from runtime.kafka import MAX_RECORD_BYTES, Outgoing, Producer
from runtime.migrations import migrate
from runtime.postgres import Database, connect
from schemas.mail import MailArrived
from services.ingest.events import event_record
from services.ingest.model import Feed
from services.ingest.publisher import Relay
from services.ingest.store import UNPUBLISHED_AT_ONCE, Ledger, publish_again

T = TypeVar("T")
EVENTS = 6_000
ROUNDS = 5
AT_ONCE = UNPUBLISHED_AT_ONCE
FEED = Feed(MAILBOX, "imap", "INBOX", "incoming")


def publishing() -> dict[str, float]:
    """Events/s of each."""
    with scratch() as home, kafka(home) as bootstrap, postgres(home) as dsn:
        return asyncio.run(_measure(bootstrap, dsn))


async def _measure(bootstrap: str, dsn: str) -> dict[str, float]:
    found = list(events(EVENTS))
    ours, bare = Producer(bootstrap, "bench"), _bare_producer(bootstrap)
    database = await connect(dsn, name="bench", pool_size=2)
    await asyncio.gather(ours.start(), bare.start())
    try:
        await _record(database, found)
        relay = Relay(Ledger(database), ours, SystemClock())
        measures = {
            "ours": lambda: _ours(ours, found),
            "relay": lambda: _relay(relay, database, found),
            "bare": lambda: _bare(bare, [event_record(FEED, each, {}) for each in found]),
        }
        return await alternating_awaited(ROUNDS, measures)
    finally:
        await asyncio.gather(ours.stop(), bare.stop(), database.close())


def _bare_producer(bootstrap: str) -> Any:
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=2,
        max_batch_size=256 * 1024,
        max_request_size=MAX_RECORD_BYTES,
    )


async def _record(database: Database, found: Sequence[MailArrived]) -> None:
    await migrate(database, "ingest")
    async with Ledger(database).unit(MAILBOX, datetime.now(UTC)) as unit:
        await unit.insert_events([(each, event_record(FEED, each, {})) for each in found])
    await database.execute("ANALYZE ingest.event")


async def _ours(producer: Producer, found: Sequence[MailArrived]) -> float:
    began = time.perf_counter()
    for lot in _lots(found):
        await producer.send_all([event_record(FEED, each, {}) for each in lot])
    return len(found) / (time.perf_counter() - began)


async def _relay(relay: Relay, database: Database, found: Sequence[MailArrived]) -> float:
    await publish_again(database, [each.event_id for each in found])
    began = time.perf_counter()
    if await relay.publish(MAILBOX) != len(found):
        raise RuntimeError("not every event of the ledger was published")
    return len(found) / (time.perf_counter() - began)


async def _bare(producer: Any, records: Sequence[Outgoing]) -> float:
    began = time.perf_counter()
    for lot in _lots(records):
        futures = [await producer.send(r.topic, r.value, r.key, headers=r.headers) for r in lot]
        await asyncio.gather(*futures)
    return len(records) / (time.perf_counter() - began)


def _lots(found: Sequence[T]) -> list[Sequence[T]]:
    return [found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE)]
