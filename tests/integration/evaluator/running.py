"""The evaluator as its own process on a real broker, and what it published."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx

from runtime.errors import TransientError
from runtime.kafka import CompactedReader, Outgoing, Producer, Received
from sandbox.ports import free_ports
from schemas.mail import MailArrived, Published
from schemas.mailbox import Mailbox
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished
from services.console.records import change
from tests.unit.services.evaluator.making import event

PATIENCE = 30.0


@dataclass(slots=True)
class Evaluator:
    """A process of its own."""

    process: asyncio.subprocess.Process
    port: int

    async def version(self) -> int:
        """The version of the rules in force; -1 while it does not answer."""
        try:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"http://127.0.0.1:{self.port}/status")
            return int(answer.json()["facts"].get("ruleset_version", -1))
        except httpx.HTTPError:
            return -1

    async def ready(self, version: int) -> None:
        """Wait until that version is in force."""
        async with asyncio.timeout(PATIENCE):
            while await self.version() != version:  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.05)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; returns the exit code."""
        self.process.send_signal(number)
        return await self.process.wait()


@asynccontextmanager
async def evaluator(bootstrap: str, log: Path) -> AsyncIterator[Evaluator]:
    """Runs until the block ends."""
    (port,) = free_ports(1)
    environment = {**os.environ, "MAILDESK_KAFKA_BOOTSTRAP": bootstrap, "MAILDESK_HTTP_PORT": str(port)}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.evaluator", env=environment, stderr=errors
        )
    running = Evaluator(process, port)
    try:
        yield running
    finally:
        if process.returncode is None:
            await running.end(signal.SIGKILL)


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[Producer]:
    """A producer that is closed at the end."""
    found = Producer(bootstrap, "tests")
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


async def publish(bootstrap: str, records: Sequence[Outgoing]) -> None:
    """All of them, acknowledged."""
    async with producer(bootstrap) as sink:
        await sink.send_all(records)


async def publish_rules(bootstrap: str, version: int, boxes: Sequence[Mailbox], rules: Sequence[Rule]) -> None:
    """One version, closed; every rule in the revision of the version's number."""
    records = [change(MailboxChanged(version=version, mailbox=each)) for each in boxes]
    records += [change(RuleChanged(version=version, revision=version, rule=each)) for each in rules]
    await publish(bootstrap, [*records, change(RulesetPublished(version=version))])


def on(topic: str, record: Published) -> Outgoing:
    """A record on its way."""
    return Outgoing(topic, record.record_key.encode(), record.to_json())


def mails(count: int) -> list[MailArrived]:
    """Different events of the mailbox support."""
    return [event().model_copy(update={"event_id": uuid4(), "conversation": uuid4()}) for _ in range(count)]


async def topic(bootstrap: str, name: str, enough: Callable[[list[Received]], bool]) -> list[Received]:
    """Everything on a topic, read until it is enough."""
    reader = CompactedReader(bootstrap, name, "tests")
    try:
        found = await reader.start()
        async with asyncio.timeout(PATIENCE):
            while not enough(found):
                found += await reader.poll(seconds=0.2)
    except TimeoutError:
        raise AssertionError(f"{name} holds {len(found)} records, which are not enough") from None
    except TransientError as error:
        raise AssertionError(error.text) from error
    finally:
        await reader.stop()
    return found
