"""What a Kafka has of topics and consumer groups. It only reads."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from runtime.errors import TargetDownError


@dataclass(frozen=True, slots=True)
class TopicState:
    """`config`: Kafka's own names, as far as they were asked; empty where this broker does not tell."""

    partitions: int
    leaderless: int = 0
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupState:
    """`lag`: records that are not committed yet; None where nothing was ever committed."""

    state: str
    members: int
    lag: int | None = None


async def survey_topics(bootstrap: str, names: Sequence[str], seconds: float) -> dict[str, TopicState]:
    """Those of the topics that exist. Raises TargetDownError when no broker answers in time."""
    async with _Admin(bootstrap, seconds) as admin:
        there = [name for name in await admin.list_topics() if name in set(names)]
        described = {each["topic"]: each["partitions"] for each in await admin.describe_topics(there)} if there else {}
        configs = await _configs(admin, there)
    return {
        name: TopicState(len(parts), sum(part["leader"] < 0 for part in parts), configs.get(name, {}))
        for name, parts in described.items()
    }


async def survey_groups(bootstrap: str, names: Sequence[str], seconds: float) -> dict[str, GroupState]:
    """The groups that this broker tells of; empty where it tells of none. Raises TargetDownError."""
    async with _Admin(bootstrap, seconds) as admin:
        try:
            answers = await admin.describe_consumer_groups(list(names))
        except (KafkaError, NotImplementedError):
            return {}
        found: dict[str, GroupState] = {}
        for answer in answers:
            for error, group, state, _kind, _protocol, members, *_ in answer.groups:
                if not error:
                    offsets = await admin.list_consumer_group_offsets(group)
                    found[group] = GroupState(state, len(members), await _lag(bootstrap, offsets))
    return found


class _Admin:
    """An admin client that is started and stopped within `seconds`, its errors translated."""

    def __init__(self, bootstrap: str, seconds: float) -> None:
        self._bootstrap = bootstrap
        self._admin = AIOKafkaAdminClient(
            bootstrap_servers=bootstrap, client_id="maildesk-doctor", request_timeout_ms=int(seconds * 1000)
        )
        self._limit = asyncio.timeout(seconds * 4)

    async def __aenter__(self) -> Any:
        await self._limit.__aenter__()
        try:
            await self._admin.start()
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return self._admin

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        await self._admin.close()
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise TargetDownError(f"Kafka at {self._bootstrap} does not answer in time", code="kafka-down") from late
        if isinstance(error, KafkaError | OSError):
            text = f"Kafka at {self._bootstrap} cannot be used: {type(error).__name__}"
            raise TargetDownError(text, code="kafka-down") from error


async def _configs(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Empty where this broker does not tell."""
    if not names:
        return {}
    try:
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    except (KafkaError, NotImplementedError):
        return {}
    return {
        str(name): {str(entry[0]): str(entry[1]) for entry in entries}
        for answer in answers
        for error, _text, _kind, name, entries in answer.resources
        if not error
    }


async def _lag(bootstrap: str, offsets: Mapping[TopicPartition, Any]) -> int | None:
    committed = {partition: each.offset for partition, each in offsets.items() if each.offset >= 0}
    if not committed:
        return None
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, client_id="maildesk-doctor", enable_auto_commit=False)
    try:
        await reader.start()
        ends: dict[TopicPartition, int] = await reader.end_offsets(list(committed))
    finally:
        await reader.stop()
    return sum(max(0, int(ends[partition]) - int(offset)) for partition, offset in committed.items())
