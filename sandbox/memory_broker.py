"""librdkafka's in-process broker: what `maildesk up` falls back to where there is no Java and Maven."""

from typing import Any

from confluent_kafka.admin import AdminClient

from runtime.errors import TargetDownError

LIMITS = (
    "everything on it is in memory and gone when it stops (unfinished mail is published again at the next start), "
    "about 5 MB a partition, one instance of each service"
)


class MemoryBroker:
    """Lives as long as this process. Topics come into being on first use, with 4 partitions each."""

    def __init__(self) -> None:
        self._admin: Any = None
        self.bootstrap = ""

    def start(self) -> None:
        """Raises TargetDownError when librdkafka cannot start it."""
        self._admin = AdminClient({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 3})
        brokers = self._admin.list_topics(timeout=10).brokers.values()
        if not brokers:
            raise TargetDownError("librdkafka's in-memory broker did not start", code="broker-start")
        self.bootstrap = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def stop(self) -> None:
        """Forget everything."""
        self._admin = None
