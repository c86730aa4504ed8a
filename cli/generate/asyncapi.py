"""The AsyncAPI 3.0 document: channels are topics, messages are records in CloudEvents' binary mode."""

from typing import Any

import yaml

from cli.generate.flow import flow
from cli.generate.records import DIALECT, records
from cli.generate.repository import NOTE, REFERENCE, Files
from schemas.mail import Published
from schemas.topics import TOPICS, Topic

CHANNEL_BINDING = "0.5.0"
MESSAGE_BINDING = "0.5.0"
CONTRACT_VERSION = "1.0.0"
"""The version of the contracts as a whole: minor for an addition, major when a record gets a new `ce_type`."""

_HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka Protocol Binding in binary mode; W3C Trace Context. All are UTF-8 text.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "deterministic: equal for a repeat of the same record"},
        "ce_source": {"type": "string", "description": "/maildesk/<service>"},
        "ce_type": {"type": "string", "description": "the record's type and version"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "the span that published the record"},
        "tracestate": {"type": "string"},
    },
}


def asyncapi_files() -> Files:
    """`docs/reference/asyncapi.yaml`."""
    body = yaml.dump(_document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return {f"{REFERENCE}/asyncapi.yaml": "# " + NOTE.format(source="schemas/") + "\n" + body}


CONTRACTS = tuple(topic for topic in TOPICS if topic.records)
"""Those that are read by others than who writes them."""


class _Dumper(yaml.SafeDumper):
    """Writes every value in full where it occurs, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def _document() -> dict[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "MailDesk Automation",
            "version": CONTRACT_VERSION,
            "description": "What services say to each other. Unknown fields are to be ignored; ids are deterministic, "
            "so that a record that comes twice can be told by its ce_id.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in CONTRACTS},
        "operations": dict(operation for topic in CONTRACTS for operation in _operations(topic)),
        "components": {"messages": {record.__name__: _message(record) for record in records()}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": flow(topic).purpose,
        "messages": {r.__name__: {"$ref": f"#/components/messages/{r.__name__}"} for r in topic.records},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": CHANNEL_BINDING,
            }
        },
        "x-key": topic.key,
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    numbers = {name: int(value) for name, value in topic.config.items() if name != "cleanup.policy"}
    return {"cleanup.policy": [topic.cleanup], **numbers}


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    ends = flow(topic)
    roles = [(service, "send") for service in ends.written_by] + [(service, "receive") for service in ends.read_by]
    return [
        (f"{service}-{action}s-{topic.name}", {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}})
        for service, action in roles
    ]


def _message(record: type[Published]) -> dict[str, Any]:
    headers = {**_HEADERS, "properties": {**_HEADERS["properties"], "ce_type": {"const": record.ce_type}}}
    return {
        "name": record.ce_type,
        "summary": (record.__doc__ or "").partition("\n")[0],
        "contentType": "application/json",
        "headers": headers,
        "payload": {
            "schemaFormat": f"application/schema+json;version={DIALECT.split('/')[-2]}",
            "schema": {"$ref": f"schemas/{record.ce_type}.json"},
        },
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": MESSAGE_BINDING}},
    }
