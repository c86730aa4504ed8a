"""Both brokers that a platform may stand on: the one in memory and real Kafka."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox.kafka import KafkaServer
from sandbox.kafka_jars import missing_tools
from sandbox.memory_broker import MemoryBroker
from sandbox.topics import create_topics

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Rig:
    """A broker under test. What one of them cannot do is in `lacks`."""

    name: str
    bootstrap: str
    lacks: frozenset[str]

    def group(self) -> str:
        """A consumer group that nobody has used."""
        return f"group-{next(_numbers)}"

    def needs(self, *abilities: str) -> None:
        """Skip, visibly, where this broker cannot."""
        if missing := sorted(self.lacks.intersection(abilities)):
            pytest.skip(f"the broker in memory has no {', '.join(missing)}")


@pytest.fixture(scope="session")
def memory_rig() -> Iterator[Rig]:
    """librdkafka's broker."""
    broker = MemoryBroker()
    broker.start()
    lacks = frozenset({"second group member", "compaction", "room for 6 MB in a partition", "index of times"})
    yield Rig("memory", broker.bootstrap, lacks)
    broker.stop()


@pytest.fixture(scope="session")
def kafka_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Apache Kafka with the declared topics."""
    if missing := missing_tools():
        pytest.skip(f"real Kafka needs {' and '.join(missing)}: apt-get install default-jre-headless maven")
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    asyncio.run(create_topics(server.bootstrap))
    yield Rig("kafka", server.bootstrap, frozenset())
    server.stop()


@pytest.fixture(params=["memory", "kafka"])
def rig(request: pytest.FixtureRequest) -> Rig:
    """Each in turn."""
    found: Rig = request.getfixturevalue(f"{request.param}_rig")
    return found
