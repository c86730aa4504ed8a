"""Topics agree with each other and with what the client sends."""

import re

import pytest

from runtime.kafka import MAX_RECORD_BYTES
from schemas.action import ACTION_TYPES, Action
from schemas.dead_letter import DeadLetter, DeadLetterHandled
from schemas.mail import Published
from schemas.topics import (
    ACTIONS,
    AUTOMATION_RULES,
    DEAD_LETTERS,
    MAX_MESSAGE_BYTES,
    PRIMARY,
    TOPICS,
    Topic,
    action_topic,
    dead_letter_topic,
)

RECORDS = sorted({record for topic in TOPICS for record in topic.records}, key=lambda record: record.__name__)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_names_are_kebab_case(topic: Topic) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", topic.name)


def test_names_are_unique() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_every_topic_has_its_dead_letters() -> None:
    assert {topic.name for topic in DEAD_LETTERS} == {dead_letter_topic(topic.name) for topic in PRIMARY}
    assert all(topic.records == (DeadLetter, DeadLetterHandled) for topic in DEAD_LETTERS)


def test_every_action_type_has_its_topic() -> None:
    union = Action.__origin__  # type: ignore[attr-defined]
    declared = {kind.model_fields["type"].annotation.__args__[0] for kind in union.__args__}
    assert set(ACTION_TYPES) == declared
    assert {kind: topic.name for kind, topic in ACTIONS.items()} == {kind: action_topic(kind) for kind in ACTION_TYPES}


def test_rules_are_one_partition_compacted_but_stay_readable_for_a_while() -> None:
    """Versions take effect together, so they need one order; a reader must get from start to end in the meantime."""
    assert AUTOMATION_RULES.partitions == 1
    assert AUTOMATION_RULES.config["cleanup.policy"] == "compact"
    assert AUTOMATION_RULES.config["retention.ms"] == "-1"
    assert int(AUTOMATION_RULES.config["min.compaction.lag.ms"]) >= 10 * 60 * 1000


def test_mail_is_kept_for_ninety_days() -> None:
    days = {topic.name: topic.retention_ms / 86_400_000 for topic in TOPICS}
    assert days["mail-arrived"] == days["mail-sent"] == 90


def test_only_the_last_revision_of_the_rules_is_kept() -> None:
    assert [topic.name for topic in TOPICS if topic.cleanup == "compact"] == ["automation-rules"]


def test_a_topic_takes_what_the_producer_sends() -> None:
    assert MAX_MESSAGE_BYTES == MAX_RECORD_BYTES
    assert all(topic.config["max.message.bytes"] == str(MAX_RECORD_BYTES) for topic in TOPICS)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_record_types_are_named_and_versioned(record: type[Published]) -> None:
    assert re.fullmatch(r"maildesk\.[a-z]+(-[a-z]+)*\.v[1-9]\d*", record.ce_type)


def test_record_types_are_unique() -> None:
    assert len({record.ce_type for record in RECORDS}) == len(RECORDS)
