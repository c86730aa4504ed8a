"""The topics as a page for people and as Strimzi resources for Kubernetes."""

from typing import Any

import yaml

from cli.generate.flow import flow
from cli.generate.markdown import code, table
from cli.generate.repository import NOTE, REFERENCE, Files
from schemas.topics import DAY_MS, MAX_MESSAGE_BYTES, TOPICS, Topic

SOURCE = "schemas/topics.py"
STRIMZI = "deploy/k8s/components/strimzi-topics/topics.yaml"
CLUSTER = "maildesk"
REPLICAS = 3
MIN_IN_SYNC = 2

_PAGE = """# Topics

{note}

Order is promised per topic and key only. A partition count never changes in place: make a new topic, drain the old
one. Every topic takes records up to {megabytes} MB (`max.message.bytes`). `maildesk topics create` makes those that are
missing and leaves those that exist as they are. The records are described in [asyncapi.yaml](asyncapi.yaml) and
[schemas/](schemas/).

{topics}
Each has a topic for dead letters, `<topic>-dlq`: {dlq_partitions} partition, {dlq_retention}, with records of the type
{dlq_record} and the key of the record that could not be handled, or of the command that failed. Who retries or discards
one adds a {dlq_mark} behind it ([how](../howto/retry-what-failed.md)).
"""


def topic_files() -> Files:
    """`docs/reference/topics.md` and the KafkaTopic resources."""
    return {f"{REFERENCE}/topics.md": _page(), STRIMZI: _manifests()}


def _page() -> str:
    primary = [topic for topic in TOPICS if not topic.name.endswith("-dlq")]
    dead = next(topic for topic in TOPICS if topic.name.endswith("-dlq"))
    head = ("topic", "what", "record", "key", "partitions", "kept", "written by", "read by")
    return _PAGE.format(
        note=NOTE.format(source=code(SOURCE)),
        megabytes=MAX_MESSAGE_BYTES // 1024**2,
        topics=table(head, (_row(topic) for topic in primary)),
        dlq_partitions=dead.partitions,
        dlq_retention=retention(dead),
        dlq_record=code(dead.records[0].ce_type),
        dlq_mark=code(dead.records[1].ce_type),
    )


def _row(topic: Topic) -> tuple[str, ...]:
    ends = flow(topic)
    return (
        code(topic.name),
        ends.purpose,
        ", ".join(f"[{record.ce_type}](schemas/{record.ce_type}.json)" for record in topic.records),
        code(topic.key),
        str(topic.partitions),
        retention(topic),
        ", ".join(ends.written_by),
        ", ".join(ends.read_by),
    )


def retention(topic: Topic) -> str:
    """How long records stay, in words."""
    if topic.cleanup == "compact":
        minutes = topic.compaction_lag_ms // 60_000
        return f"compacted: the last of each key for ever, every record at least {minutes} minutes"
    if topic.retention_ms < DAY_MS:
        return f"{topic.retention_ms // 60_000} minutes"
    return f"{topic.retention_ms // DAY_MS} days"


def _manifests() -> str:
    note = "# " + NOTE.format(source=SOURCE) + "\n"
    documents = [yaml.safe_dump(_resource(topic), sort_keys=False) for topic in TOPICS]
    return note + "---\n".join(documents)


def _resource(topic: Topic) -> dict[str, Any]:
    """Strimzi's KafkaTopic; a topic's name is a valid resource name (a test holds us to it)."""
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": topic.name, "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {
            "partitions": topic.partitions,
            "replicas": REPLICAS,
            "config": {**topic.config, "min.insync.replicas": str(MIN_IN_SYNC)},
        },
    }
