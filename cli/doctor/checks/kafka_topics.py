"""Whether Kafka answers, and has every topic as schemas/topics.py declares it."""

from collections.abc import Iterator

from cli.doctor.finding import Finding, found_error, listed
from cli.doctor.house import House
from runtime.errors import MaildeskError
from runtime.kafka_survey import TopicState, survey_topics
from schemas.topics import TOPICS, Topic

_ASKED = ("cleanup.policy", "retention.ms", "max.message.bytes", "min.compaction.lag.ms")


async def check_topics(house: House) -> list[Finding]:
    """Topics that are missing, or different from what they should be."""
    if house.kafka is None:
        return []
    place = f"Kafka {house.kafka}"
    try:
        there = await survey_topics(house.kafka, [topic.name for topic in TOPICS], house.seconds)
    except MaildeskError as error:
        return [found_error(error, place, "check MAILDESK_KAFKA_BOOTSTRAP, and that its brokers run")]
    found: list[Finding] = []
    if missing := [topic.name for topic in TOPICS if topic.name not in there]:
        text = f"{len(missing)} of {len(TOPICS)} topics are missing: {listed(missing, 6)}"
        found.append(Finding("kafka-topic-missing", place, text, "run: maildesk topics create"))
    return found + [each for topic in TOPICS if topic.name in there for each in compared(topic, there[topic.name])]


def compared(topic: Topic, state: TopicState) -> Iterator[Finding]:
    """How a topic differs from its declaration."""
    place = f"topic {topic.name}"
    if state.leaderless:
        text = f"{state.leaderless} of its {state.partitions} partitions have no leader"
        yield Finding("kafka-leaderless", place, text, "see that all brokers run")
    if state.partitions != topic.partitions:
        text = f"it has {state.partitions} partitions instead of {topic.partitions}"
        remedy = "order holds per partition, so a count never changes in place: make the topic anew and drain this one"
        yield Finding("kafka-partitions", place, text, remedy, "warning")
    wanted = {name: value for name, value in topic.config.items() if name in _ASKED}
    different = {name: state.config[name] for name in wanted if state.config.get(name, wanted[name]) != wanted[name]}
    for name, value in different.items():
        text = f"{name} is {value} instead of {wanted[name]}"
        remedy = f"run: kafka-configs --alter --topic {topic.name} --add-config {name}={wanted[name]}"
        yield Finding("kafka-config", place, text, remedy, "warning")
