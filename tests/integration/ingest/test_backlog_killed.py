"""The whole service is killed while it hands on a backlog: real Kafka, real Postgres, real signals."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from runtime.clock import SystemClock
from runtime.kafka import Consumer, Outgoing, Producer, Received
from runtime.postgres import Database
from sandbox.ports import free_ports
from schemas import envelope
from schemas.mail import Published
from schemas.mailbox import Mailbox, MaildirSource
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished
from services.ingest.backlog.runs import AT_ONCE
from services.ingest.events import event_record
from services.ingest.model import Feed
from services.ingest.store import Ledger
from tests.integration.ingest.parts import migrated
from tests.integration.ingest.test_backlog import event

COUNT = 200
FEED = Feed("info", "maildir", "INBOX", "incoming")
RULE = {
    "id": "a",
    "mailbox": "info",
    "backlog": {"since": "2020-01-01"},
    "actions": [{"id": "s", "type": "star"}],
}


@contextmanager
def running(home: Path, kafka: str, dsn: str) -> Iterator[Popen[bytes]]:
    """A process of the service, killed at the end."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "MAILDESK_KAFKA_BOOTSTRAP": kafka,
        "MAILDESK_POSTGRES_DSN": dsn,
        "MAILDESK_HTTP_PORT": str(free_ports(1)[0]),
        "MAILDESK_INGEST_BACKLOG_RATE": str(2 * AT_ONCE),
    }
    with (home / "ingest.log").open("ab") as log:
        child = Popen([sys.executable, "-m", "services.ingest"], env=environment, stdout=log, stderr=log)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(20)


def outgoing(record: Published) -> Outgoing:
    key, value, headers = envelope.encode(record, "/maildesk/console")
    return Outgoing("automation-rules", key, value, headers)


async def publish_rule(kafka: str, maildir: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True)
    box = Mailbox(id="info", source=MaildirSource(kind="maildir", path=str(maildir)))
    rule = RuleChanged(version=1, revision=1, rule=Rule.model_validate(RULE), activated=1)
    producer = Producer(kafka, "tests")
    await producer.start()
    changes = MailboxChanged(version=1, mailbox=box), rule, RulesetPublished(version=1)
    await producer.send_all([outgoing(each) for each in changes])
    await producer.stop()


async def seen(consumer: Consumer, records: list[Received], count: int) -> None:
    """Until so many different requests have come."""
    async with asyncio.timeout(90):
        while len({record.header_id for record in map(Request, records)}) < count:
            records += await consumer.poll(1000, 0.2)


class Request:
    """A record of the topic."""

    def __init__(self, record: Received) -> None:
        self.header_id = envelope.header(record.headers, "ce_id")
        self.value = record.value


async def test_killed_twice_it_hands_on_every_mail_and_repeats_two_batches_at_most(
    kafka: str, database: Database, database_dsn: str, tmp_path: Path
) -> None:
    await migrated(database)
    events = [event(number, days=number % 50) for number in range(1, COUNT + 1)]
    async with Ledger(database).unit("info", SystemClock().now()) as unit:
        await unit.insert_events([(each, event_record(FEED, each, {})) for each in events])
    await publish_rule(kafka, tmp_path / "mail")
    consumer = Consumer(kafka, "tests", ["evaluation-backlog"])
    await consumer.start()
    records: list[Received] = []
    for enough in (1, AT_ONCE + 1, COUNT):
        with running(tmp_path, kafka, database_dsn):
            await seen(consumer, records, enough)
    records += await consumer.poll(1000, 1.0)
    await consumer.stop()
    requests = [Request(record) for record in records]
    assert {each.header_id for each in requests} == {f"backlog-a-1/{each.event_id}" for each in events}
    assert len({(each.header_id, each.value) for each in requests}) == COUNT, "a repeat has the same bytes"
    assert len(requests) <= COUNT + 2 * AT_ONCE
