"""The composition root: the only place where the service's clients are built."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from runtime.backoff import Backoff
from runtime.clients import compacted_reader, migrated_database, started
from runtime.kafka import Producer
from runtime.postgres import Database
from runtime.service import Main, Process
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS, AUTOMATION_RULES
from services.audit.erasing.erasures import Erasures
from services.audit.finish import leave
from services.audit.handlers import BatchHandler
from services.audit.lag import LagGauge
from services.audit.metrics import DEFAULT_ROWS, LAG, LIVE_RESULTS, LIVE_SECONDS
from services.audit.partitioned_log import PartitionedLog
from services.audit.partitions import PartitionKeeper
from services.audit.patience import Patience
from services.audit.reach import Reach
from services.audit.settings import AuditSettings
from services.audit.store import AuditStore
from services.audit.upkeep import Upkeep

TOPICS = (AUTOMATION_DECISIONS.name, AUTOMATION_RESULTS.name)


def bootstrap(settings: AuditSettings) -> Main:
    """The service's `main`, with real clients."""

    def main(process: Process) -> Coroutine[Any, Any, None]:
        return run(process, settings)

    return main


async def run(process: Process, settings: AuditSettings) -> None:
    """Wait for Postgres and Kafka, then follow the topics until the process is asked to stop."""
    for component in ("kafka", "group"):
        process.health.set(component, ready=False, detail="not tried yet")
    async with AsyncExitStack() as stack:
        database = await migrated_database(process, stack, settings)
        producer = await started(process, stack, lambda: Producer(settings.kafka_bootstrap, "maildesk-audit"))
        reader, records = await compacted_reader(process, stack, settings, AUTOMATION_RULES.name)
        erasures = Erasures(database)
        erasures.take(records)
        await follow(process, settings, database, producer, partial(erasures.follow, process, reader))


async def follow(
    process: Process,
    settings: AuditSettings,
    database: Database,
    producer: Producer,
    forget: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Write what is published until the process is asked to stop; `forget` what was erased."""
    # Faust costs a second to import; those who only read the settings need not wait for it.
    from services.audit.follower import Follower
    from services.audit.live import Live
    from services.audit.live_gauges import Gauges, LiveGauges
    from services.audit.stream import attach, build_app

    store = AuditStore(database)
    keeper = PartitionKeeper(store, process.clock, settings.audit_months_ahead)
    upkeep = Upkeep(store, keeper, settings, DEFAULT_ROWS)
    patience = Patience(process, settings.audit_retry, Backoff(first=0.1, longest=5.0))
    traced = bool(settings.otlp_endpoint)
    handler = BatchHandler(PartitionedLog(store, keeper), producer, patience, process.clock, traced=traced)
    await process.wait_until("postgres", lambda: upkeep.once(process))
    app = build_app(settings)
    for topic in TOPICS:
        attach(app, topic, settings, handler.handle, leave)
    async with asyncio.TaskGroup() as tasks:
        beside = [
            tasks.create_task(upkeep.run(process)),
            tasks.create_task(forget()),
            tasks.create_task(Reach(database, settings.kafka_bootstrap).run(process)),
        ]
        if settings.audit_live != "off":
            live = Live(settings, process.clock, LiveGauges(Gauges(LIVE_RESULTS, LIVE_SECONDS)))
            # It stops by itself, and is waited for: cut short, its consumer's thread would go on without end.
            tasks.create_task(live.run(process))
        await Follower(app, process, LagGauge(app, LAG, TOPICS), leave).run()
        for task in beside:
            task.cancel()
