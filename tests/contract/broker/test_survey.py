"""What a broker tells of its topics and groups, and what the doctor makes of it."""

from pathlib import Path

import pytest

from cli.doctor.checks.kafka_groups import judge_group
from cli.doctor.checks.kafka_topics import check_topics, compared
from cli.doctor.house import House
from runtime.errors import TargetDownError
from runtime.kafka import Consumer, Outgoing, Producer
from runtime.kafka_survey import GroupState, TopicState, survey_groups, survey_topics
from runtime.secrets import SecretFolder
from sandbox.ports import free_ports
from schemas.topics import AUTOMATION_RULES, MAIL_ARRIVED
from tests.contract.broker.conftest import Rig
from tests.contract.broker.test_broker import made

SECONDS = 20.0


async def _publish(rig: Rig, topic: str, count: int) -> None:
    producer = Producer(rig.bootstrap, "contract")
    await producer.start()
    await producer.send_all([Outgoing(topic, b"k", b"%d" % number) for number in range(count)])
    await producer.stop()


async def test_topics_with_their_partitions_and_settings(rig: Rig) -> None:
    topic = await made(rig, 3, {"retention.ms": "86400000"})
    await _publish(rig, topic, 1)
    found = await survey_topics(rig.bootstrap, [topic, "no-such-topic"], SECONDS)
    assert list(found) == [topic]
    assert (found[topic].partitions, found[topic].leaderless) == (3, 0) if rig.name == "kafka" else (4, 0)
    told = found[topic].config.get("retention.ms")
    assert told == ("86400000" if rig.name == "kafka" else None)
    assert "no-such-topic" not in await survey_topics(rig.bootstrap, ["no-such-topic"], SECONDS)


async def test_topics_as_they_are_declared_are_in_order(kafka_rig: Rig) -> None:
    house = House((), (), SecretFolder(Path("/nowhere")), SECONDS, kafka=kafka_rig.bootstrap)
    assert await check_topics(house) == []


async def test_a_group_with_a_member_and_without(kafka_rig: Rig) -> None:
    topic, group = await made(kafka_rig, 1, {}), kafka_rig.group()
    await _publish(kafka_rig, topic, 5)
    consumer = Consumer(kafka_rig.bootstrap, group, [topic])
    await consumer.start()
    while not await consumer.poll(2, 1.0):
        pass
    assert await consumer.commit()
    assert await survey_groups(kafka_rig.bootstrap, [group], SECONDS) == {group: GroupState("Stable", 1, 3)}
    await consumer.stop()
    assert await survey_groups(kafka_rig.bootstrap, [group], SECONDS) == {group: GroupState("Empty", 0, 3)}


async def test_a_broker_that_does_not_tell_of_groups(memory_rig: Rig) -> None:
    assert await survey_groups(memory_rig.bootstrap, ["evaluator"], SECONDS) == {}


async def test_a_broker_that_is_away() -> None:
    with pytest.raises(TargetDownError):
        await survey_topics(f"127.0.0.1:{free_ports(1)[0]}", ["mail-arrived"], 1.0)


def test_a_topic_that_is_different() -> None:
    state = TopicState(12, 1, {"retention.ms": "604800000", "cleanup.policy": "delete"})
    found = [(each.code, each.severity) for each in compared(MAIL_ARRIVED, state)]
    assert found == [("kafka-leaderless", "error"), ("kafka-partitions", "warning"), ("kafka-config", "warning")]
    (rules,) = compared(AUTOMATION_RULES, TopicState(1, 0, {"cleanup.policy": "delete"}))
    assert rules.text == "cleanup.policy is delete instead of compact"
    assert "--add-config cleanup.policy=compact" in rules.remedy


@pytest.mark.parametrize(
    ("state", "code", "severity"),
    [
        (GroupState("Empty", 0, 7), "kafka-group-empty", "error"),
        (GroupState("Empty", 0, 0), "kafka-group-empty", "warning"),
        (GroupState("Dead", 0, None), "kafka-group-empty", "warning"),
        (GroupState("Stable", 2, 10_001), "kafka-lag", "warning"),
    ],
)
def test_a_group_that_does_not_keep_up(state: GroupState, code: str, severity: str) -> None:
    found = judge_group("evaluator", state)
    assert found is not None
    assert (found.code, found.severity, found.place) == (code, severity, "consumer group evaluator")
    assert judge_group("evaluator", GroupState("Stable", 1, 10_000)) is None
