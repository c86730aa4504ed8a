"""The whole service: real Kafka, real Postgres, a Maildir on disk; mailboxes from the compacted topic."""

import asyncio
from pathlib import Path

from pydantic import SecretStr

from runtime.kafka import Consumer, Outgoing, Producer, Received
from runtime.service import Process
from schemas import envelope
from schemas.mail import MailArrived, Published
from schemas.mailbox import Mailbox, MaildirSource
from schemas.rule import MailboxChanged, RulesetPublished
from services.ingest.bootstrap import run
from services.ingest.settings import IngestSettings
from tests.integration.ingest.parts import numbered, until


def maildir(path: Path, count: int) -> Path:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    for number in range(count):
        (path / "new" / f"{1000 + number}.x.host").write_bytes(numbered(number))
    return path


def outgoing(record: Published) -> Outgoing:
    key, value, headers = envelope.encode(record, "/maildesk/console")
    return Outgoing("automation-rules", key, value, headers)


async def read(kafka: str, count: int) -> list[Received]:
    consumer = Consumer(kafka, "tests", ["mail-arrived"])
    await consumer.start()
    found: list[Received] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            found += await consumer.poll(1000, 0.5)
    await consumer.stop()
    return found


async def test_from_maildir_to_kafka(kafka: str, database_dsn: str, tmp_path: Path) -> None:
    settings = IngestSettings(kafka_bootstrap=kafka, postgres_dsn=SecretStr(database_dsn), ingest_poll=0.1)
    process = Process("ingest")
    service = asyncio.create_task(run(process, settings))
    await until(lambda: process.health.facts.get("ruleset_version") == 0)

    source = MaildirSource(kind="maildir", path=str(maildir(tmp_path / "mail", 120)))
    producer = Producer(kafka, "tests")
    await producer.start()
    box = Mailbox(id="info", source=source)
    await producer.send_all([outgoing(MailboxChanged(version=1, mailbox=box)), outgoing(RulesetPublished(version=1))])
    await until(lambda: process.health.facts["mailboxes"].get("info", {}).get("scanned_once", False))
    assert process.health.facts["ruleset_version"] == 1
    assert process.health.ready

    late = tmp_path / "mail" / "new" / "2000.x.host"
    late.write_bytes(numbered(500))
    found = await read(kafka, 121)
    subjects = {MailArrived.model_validate_json(record.value or b"").subject for record in found}
    assert subjects == {f"Number {n}" for n in (*range(120), 500)}
    assert all(envelope.header(record.headers, "ce_type") == "maildesk.mail-arrived.v1" for record in found)

    await producer.send_all(
        [Outgoing("automation-rules", b"mailbox/info", None), outgoing(RulesetPublished(version=2))]
    )
    await until(lambda: process.health.facts["mailboxes"] == {})
    process.stopping.set()
    async with asyncio.timeout(30):
        await service
    await producer.stop()
