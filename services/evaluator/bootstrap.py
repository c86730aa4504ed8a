"""The only place where the evaluator's clients are built and put together."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Protocol, TypeVar

from runtime.kafka import CompactedReader, Consumer, Producer, Received
from runtime.service import Process
from schemas.topics import AUTOMATION_RULES
from services.evaluator.constants import BACKLOG_GROUP, GROUP
from services.evaluator.handlers import BACKLOG_TOPICS, LIVE_TOPICS, Handler
from services.evaluator.rules_feed import RulesFeed
from services.evaluator.settings import EvaluatorSettings
from services.evaluator.worker import Publisher, Worker


class _Client(Protocol):
    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Close, however far the start came."""


C = TypeVar("C", bound=_Client)


async def run(process: Process, settings: EvaluatorSettings) -> None:
    """Read the rules, then join the groups, then evaluate until the process is asked to stop."""
    async with AsyncExitStack() as stack:
        producer = await _started(process, stack, lambda: Producer(settings.kafka_bootstrap, "maildesk-evaluator"))
        publisher = Publisher(process, producer, settings.evaluator_send_tries)
        feed = RulesFeed(process, publisher)
        reader = await _read_rules(process, stack, settings, feed)
        handler = Handler(feed.current, exported=bool(settings.otlp_endpoint))
        live = await _started(process, stack, lambda: Consumer(settings.kafka_bootstrap, GROUP, LIVE_TOPICS))
        backlog = await _started(
            process, stack, lambda: Consumer(settings.kafka_bootstrap, BACKLOG_GROUP, BACKLOG_TOPICS)
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(feed.follow(reader))
            tasks.create_task(Worker(process, live, publisher, handler, settings.evaluator_batch).run())
            tasks.create_task(Worker(process, backlog, publisher, handler, settings.evaluator_backlog_batch).run())


async def _read_rules(
    process: Process, stack: AsyncExitStack, settings: EvaluatorSettings, feed: RulesFeed
) -> CompactedReader:
    async def attempt() -> tuple[CompactedReader, list[Received]]:
        reader = CompactedReader(settings.kafka_bootstrap, AUTOMATION_RULES.name, "maildesk-evaluator-rules")
        try:
            return reader, await reader.start()
        except BaseException:
            await reader.stop()
            raise

    reader, records = await process.wait_until("rules", attempt)
    stack.push_async_callback(reader.stop)
    await feed.take(records)
    return reader


async def _started(process: Process, stack: AsyncExitStack, make: Callable[[], C]) -> C:
    """A client that answers, made anew for every try; it is stopped when the stack closes."""

    async def attempt() -> C:
        client = make()
        try:
            await client.start()
        except BaseException:
            await client.stop()
            raise
        return client

    client = await process.wait_until("kafka", attempt)
    stack.push_async_callback(client.stop)
    return client
