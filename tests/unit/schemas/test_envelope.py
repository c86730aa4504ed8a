"""CloudEvents 1.0 in Kafka's binary mode."""

import pytest

from schemas.envelope import encode, header
from schemas.mail import Published
from tests.unit.schemas.examples import RECORDS, Example, load_examples


@pytest.fixture(params=load_examples(), ids=lambda example: example.name)
def record(request: pytest.FixtureRequest) -> Published:
    example: Example = request.param
    return RECORDS[example.headers["ce_type"]].model_validate_json(example.wire)


def test_required_attributes_are_headers(record: Published) -> None:
    _, value, headers = encode(record, "/maildesk/test")
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": record.record_id.encode(),
        "ce_source": b"/maildesk/test",
        "ce_type": record.ce_type.encode(),
        "content-type": b"application/json",
    }
    assert value == record.to_json()


def test_the_trace_travels_beside(record: Published) -> None:
    trace = {"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "tracestate": "x=1"}
    _, value, headers = encode(record, "/maildesk/test", trace)
    assert header(headers, "traceparent") == trace["traceparent"]
    assert header(headers, "tracestate") == "x=1"
    assert value == record.to_json(), "a repeat inside another trace has the same value"


def test_a_missing_or_broken_header_reads_as_text() -> None:
    assert header([], "ce_type") == ""
    assert header([("ce_type", b"\xff")], "ce_type") == "\ufffd"
