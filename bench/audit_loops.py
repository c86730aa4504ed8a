"""The loops that the benchmark `audit` compares; each runs in a process of its own and prints its seconds.

Both read the same records from the same two topics, by the same Faust app, and count from the moment at which Kafka
gives them the partitions to the end of the last record.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from runtime.kafka import Received
from runtime.service import Process, run_service
from services.audit import bootstrap, stream
from services.audit.finish import leave
from services.audit.follower import Follower
from services.audit.handlers import BatchHandler
from services.audit.lag import LagGauge
from services.audit.metrics import LAG
from services.audit.settings import AuditSettings


class Stopwatch:
    """Starts when the group gives out partitions; stops the process after so many records."""

    records: ClassVar[int]
    process: ClassVar[Process]
    began: ClassVar[float] = 0.0
    seconds: ClassVar[float] = 0.0
    handled: ClassVar[int] = 0

    @classmethod
    def watch(cls, app: Any) -> Any:
        """The same app, timed."""
        app.on_partitions_assigned.connect(cls._assigned, weak=False)
        return app

    @classmethod
    async def _assigned(cls, _app: Any, assigned: Any, **_: Any) -> None:
        if assigned and not cls.began:
            cls.began = time.perf_counter()

    @classmethod
    def count(cls, records: int) -> None:
        """That many more are done."""
        cls.handled += records
        if cls.handled >= cls.records:
            cls.seconds = time.perf_counter() - cls.began
            cls.process.stopping.set()


class TimedHandler(BatchHandler):
    """The service's own, which tells the watch what is safe in the log."""

    async def handle(self, records: Sequence[Received]) -> None:
        """See BatchHandler."""
        await super().handle(records)
        Stopwatch.count(len(records))


async def service(process: Process, settings: AuditSettings) -> None:
    """The service's own main."""
    build = stream.build_app

    def build_app(given: AuditSettings, group: str = stream.GROUP, **more: Any) -> Any:
        app = build(given, group, **more)
        return Stopwatch.watch(app) if group == stream.GROUP else app

    vars(stream)["build_app"] = build_app
    vars(bootstrap)["BatchHandler"] = TimedHandler
    await bootstrap.run(process, settings)


async def bare(process: Process, settings: AuditSettings) -> None:
    """Faust takes batches and nothing is done with them."""

    app = Stopwatch.watch(stream.build_app(settings))
    for topic in bootstrap.TOPICS:
        _take(app, topic, settings)
    await Follower(app, process, LagGauge(app, LAG, bootstrap.TOPICS), leave).run()


def _take(app: Any, topic: str, settings: AuditSettings) -> None:
    async def drop(events: Any) -> None:
        async for batch in events.take_events(settings.audit_batch, within=settings.audit_within):
            Stopwatch.count(len(batch))

    source = app.topic(
        topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", allow_empty=True
    )
    app.agent(source, name=f"bench.{topic}")(drop)


def main() -> None:
    """The named loop on that many records."""
    parser = argparse.ArgumentParser()
    parser.add_argument("loop", choices=("service", "bare"))
    parser.add_argument("records", type=int)
    given = parser.parse_args()
    Stopwatch.records = given.records
    loop = service if given.loop == "service" else bare
    settings = AuditSettings()

    async def run(process: Process) -> None:
        Stopwatch.process = process
        await loop(process, settings)

    if run_service(settings.service, settings, run):
        raise SystemExit("the loop failed; its log says why")
    print(Stopwatch.seconds)


if __name__ == "__main__":
    main()
