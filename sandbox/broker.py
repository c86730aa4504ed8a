"""Which broker a run uses, why, and what it cannot do."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from runtime.errors import TargetDownError
from sandbox.kafka import KafkaServer
from sandbox.kafka_jars import VERSION, missing_tools
from sandbox.memory_broker import LIMITS, MemoryBroker
from sandbox.topics import create_topics

MEMORY = "memory"
"""What to give instead of an address to have the in-memory broker."""


class _Stoppable(Protocol):
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that answers. `fresh`: it holds nothing of an earlier run. `line`: for people. `name`: tells a run's
    broker from the next run's; empty for one that no other run can have.
    """

    bootstrap: str
    line: str
    fresh: bool
    name: str = ""
    server: _Stoppable | None = None

    def stop(self) -> None:
        """Stop it, if it is ours."""
        if self.server is not None:
            self.server.stop()


async def given_broker(bootstrap: str) -> Broker:
    """Yours, with the topics it lacked. Raises TargetDownError when it does not answer."""
    created = await create_topics(bootstrap)
    return Broker(bootstrap, f"Kafka: yours at {bootstrap}", fresh=bool(created), name=bootstrap)


def start_broker(given: str | None, home: Path) -> Broker:
    """Apache Kafka when Java and Maven are here; else, or when `memory` is given, the one in memory."""
    if given == MEMORY:
        return _memory("as asked")
    if missing := missing_tools():
        return _memory(f"{' and '.join(missing)} not found; to keep data, install default-jre-headless and maven")
    server = KafkaServer(home)
    try:
        server.start()
    except TargetDownError as error:
        return _memory(error.text)
    created = asyncio.run(create_topics(server.bootstrap))
    line = (
        f"Kafka: Apache Kafka {VERSION} at {server.bootstrap}, started here since none was given; one node, no replicas"
    )
    return Broker(server.bootstrap, line, fresh=bool(created), name=str(home), server=server)


def _memory(why: str) -> Broker:
    server = MemoryBroker()
    server.start()
    return Broker(
        server.bootstrap, f"Kafka: librdkafka's in-memory broker ({why}): {LIMITS}", fresh=True, server=server
    )
