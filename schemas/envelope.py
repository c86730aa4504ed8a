"""CloudEvents 1.0 in Kafka's binary mode: attributes as `ce_*` headers, the JSON record as the value.

Source: CloudEvents Kafka Protocol Binding 1.0.2 §3.2; W3C Trace Context §3.2 for `traceparent`.
"""

from typing import ClassVar, Protocol, TypeVar

from schemas.mail import Published

Headers = list[tuple[str, bytes]]
TRACE_HEADERS = ("traceparent", "tracestate")
FOLLOWS = "maildesk-follows"
"""The `traceparent` of the mail that a request evaluates again, in a trace of its own that links to the mail's."""
RecordType = TypeVar("RecordType", bound=Published)


class Encodable(Protocol):
    """What is published: a record, or what writes the same bytes."""

    ce_type: ClassVar[str]

    @property
    def record_id(self) -> str: ...
    @property
    def record_key(self) -> str: ...
    def to_json(self) -> bytes: ...


def encode(
    record: Encodable, source: str, trace: dict[str, str] | None = None, *, follows: str = ""
) -> tuple[bytes, bytes, Headers]:
    """Key, value and headers of a record. `source`: the service, such as `/maildesk/ingest`. `follows`: see FOLLOWS."""
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", record.record_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", record.ce_type.encode()),
        ("content-type", b"application/json"),
    ]
    headers += [(name, value.encode()) for name, value in (trace or {}).items()]
    if follows:
        headers.append((FOLLOWS, follows.encode()))
    return record.record_key.encode(), record.to_json(), headers


def header(headers: Headers | tuple[tuple[str, bytes], ...], name: str) -> str:
    """The value of a header, empty when absent or not UTF-8."""
    return next((value.decode("utf-8", "replace") for key, value in headers if key == name), "")
