"""A broker, a database and a Maildir, with commands published to the one and looked for in the others."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from runtime.errors import PermanentError
from runtime.kafka import Consumer, Outgoing, Producer, Received
from runtime.postgres import Database, connect
from schemas.command import ActionCommand
from schemas.envelope import encode
from schemas.mailbox import Mailbox
from schemas.result import ExecutionResult
from schemas.rule import MailboxChanged, RulesetPublished
from schemas.topics import AUTOMATION_RULES, action_topic
from tests.integration.actions.process import ActionsProcess

FINAL = ("succeeded", "failed", "skipped", "planned")


async def make_database(server: str, name: str, *, template: str = "template1") -> str:
    """An empty database on that server, or a copy of another; returns its URI."""
    admin = await connect(server, name="tests", pool_size=1)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await admin.close()
    parts = urlsplit(server)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


@dataclass
class House:
    """Where worker processes live."""

    home: Path
    kafka: str
    dsn: str
    workers: list[ActionsProcess] = field(default_factory=list)

    def worker(self, name: str, **settings: str) -> ActionsProcess:
        """A process that runs."""
        made = ActionsProcess(self.home, name, self.kafka, self.dsn, **settings)
        made.start()
        self.workers.append(made)
        return made

    def close(self) -> None:
        """End whatever still runs."""
        for worker in self.workers:
            worker.end()

    async def publish(self, *records: Outgoing) -> None:
        """Publish, acknowledged."""
        producer = Producer(self.kafka, "tests")
        await producer.start()
        try:
            await producer.send_all(records)
        finally:
            await producer.stop()

    async def mailboxes(self, *boxes: Mailbox, version: int = 1) -> None:
        """As the console publishes them."""
        records = [MailboxChanged(version=version, mailbox=box) for box in boxes]
        changes = [encode(record, "/tests") for record in (*records, RulesetPublished(version=version))]
        await self.publish(*(Outgoing(AUTOMATION_RULES.name, *change, partition=0) for change in changes))

    async def command(self, *commands: ActionCommand, partition: int | None = None) -> None:
        """As the evaluator publishes them."""
        await self.publish(
            *(Outgoing(action_topic(each.type), *encode(each, "/tests"), partition=partition) for each in commands)
        )

    async def results(self, database: Database, given: ActionCommand) -> list[ExecutionResult]:
        """Everything that the command put out, so far."""
        try:
            rows = await database.fetch(
                "SELECT value FROM actions.outbox WHERE topic = 'automation-results' AND command_id = $1 ORDER BY id",
                given.command_id,
            )
        except PermanentError:
            return []
        return [ExecutionResult.model_validate_json(row["value"]) for row in rows]

    async def final(self, *commands: ActionCommand, seconds: float = 60.0) -> list[ExecutionResult]:
        """Their final results; waits for them."""
        database = await connect(self.dsn, name="tests", pool_size=1)
        end = time.monotonic() + seconds
        try:
            while True:
                found = [await self.results(database, each) for each in commands]
                if all(results and results[-1].state in FINAL for results in found):
                    return [results[-1] for results in found]
                assert time.monotonic() < end, (found, [worker.log()[-2000:] for worker in self.workers])
                await asyncio.sleep(0.1)
        finally:
            await database.close()

    async def read(self, topic: str, count: int) -> list[Received]:
        """The first records of a topic, by partition and offset."""
        consumer = Consumer(self.kafka, f"tests-{time.monotonic_ns()}", [topic])
        await consumer.start()
        found: list[Received] = []
        try:
            async with asyncio.timeout(30):
                while len(found) < count:
                    found += await consumer.poll(500, 0.5)
        finally:
            await consumer.stop()
        return found


def steps(given: ActionCommand) -> Sequence[ActionCommand]:
    """The commands of the whole slip."""
    following = given.following()
    return [given] if following is None else [given, *steps(following)]
