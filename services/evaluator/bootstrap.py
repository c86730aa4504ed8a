"""The only place where the evaluator's clients are built and put together."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from runtime.clients import compacted_reader, started
from runtime.collector import spare_the_collector
from runtime.kafka import Consumer, Producer
from runtime.lag import Behind, LagMeter, watch_lag
from runtime.service import Process
from schemas.topics import AUTOMATION_RULES
from services.evaluator import metrics
from services.evaluator.constants import BACKLOG_GROUP, GROUP
from services.evaluator.handlers import BACKLOG_TOPICS, LIVE_TOPICS, Handler
from services.evaluator.rules_feed import RulesFeed
from services.evaluator.settings import EvaluatorSettings
from services.evaluator.worker import Publisher, Worker


async def run(process: Process, settings: EvaluatorSettings) -> None:
    """Read the rules, then join the groups, then evaluate until the process is asked to stop."""
    async with AsyncExitStack() as stack:
        producer = await started(process, stack, lambda: Producer(settings.kafka_bootstrap, "maildesk-evaluator"))
        publisher = Publisher(process, producer, settings.evaluator_send_tries)
        feed = RulesFeed(process, publisher)
        reader, records = await compacted_reader(process, stack, settings, AUTOMATION_RULES.name)
        await feed.take(records)
        handler = Handler(feed.current, exported=bool(settings.otlp_endpoint))
        live = await started(process, stack, lambda: Consumer(settings.kafka_bootstrap, GROUP, LIVE_TOPICS))
        backlog = await started(
            process, stack, lambda: Consumer(settings.kafka_bootstrap, BACKLOG_GROUP, BACKLOG_TOPICS)
        )
        spare_the_collector()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(feed.follow(reader))
            for consumer, topics, group in ((live, LIVE_TOPICS, GROUP), (backlog, BACKLOG_TOPICS, BACKLOG_GROUP)):
                meter = LagMeter(consumer, topics, process.clock)
                tasks.create_task(watch_lag(process, meter, _reported(group)))
            tasks.create_task(Worker(process, live, publisher, handler, settings.evaluator_batch).run())
            tasks.create_task(Worker(process, backlog, publisher, handler, settings.evaluator_backlog_batch).run())


def _reported(group: str) -> Callable[[Mapping[str, Behind]], None]:
    def report(topics: Mapping[str, Behind]) -> None:
        for topic, behind in topics.items():
            metrics.LAG.labels(topic, group).set(behind.records)
            metrics.WAITED.labels(topic, group).set(behind.seconds)

    return report
