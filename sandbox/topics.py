"""Make the declared topics on a broker. Counts never change in place: an existing topic is left as it is."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from runtime.errors import TargetDownError
from schemas.topics import TOPICS

ADMIN_SECONDS = 30.0


async def create_topics(bootstrap: str, replication: int = 1) -> list[str]:
    """Create what is missing; returns the names created. Raises TargetDownError when the broker does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="maildesk-topics")
    try:
        async with asyncio.timeout(ADMIN_SECONDS):
            await admin.start()
            existing = set(await admin.list_topics())
            fresh = [
                NewTopic(t.name, t.partitions, replication, topic_configs=t.config)
                for t in TOPICS
                if t.name not in existing
            ]
            if fresh:
                _check(await admin.create_topics(fresh))
            return [topic.name for topic in fresh]
    except (KafkaError, OSError, TimeoutError) as error:
        raise TargetDownError(f"Kafka at {bootstrap}: {type(error).__name__}", code="kafka-down") from error
    finally:
        await admin.close()


def _check(response: object) -> None:
    for name, code, *_ in response.topic_errors:  # type: ignore[attr-defined]
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise TargetDownError(f"Kafka refused to create {name}: {error.__name__}", code="topic-refused")
