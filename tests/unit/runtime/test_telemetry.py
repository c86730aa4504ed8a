"""Spans linked by headers; failures marked by kind only."""

import re

import pytest
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.telemetry import configure_traces, extract, inject, span, trace_id

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = [("ce_id", b"1"), ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01".encode())]


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """Everything recorded; the global provider can be set once a process, so the module shares it."""
    exporter = InMemorySpanExporter()
    current = trace.get_tracer_provider()
    provider = current if isinstance(current, TracerProvider) else configure_traces("test", "", 1.0)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def test_a_record_s_span_is_below_that_of_its_sender(spans: InMemorySpanExporter) -> None:
    spans.clear()
    with span("handle", parent=extract(HEADERS), attributes={"topic": "t"}):
        sent = inject()
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-01", sent["traceparent"])
    (recorded,) = spans.get_finished_spans()
    assert recorded.parent is not None
    assert format(recorded.parent.span_id, "016x") == "00f067aa0ba902b7"
    assert dict(recorded.attributes or {}) == {"topic": "t"}


def test_a_record_without_a_trace_begins_one(spans: InMemorySpanExporter) -> None:
    token = attach(extract(HEADERS))
    try:
        with span("handle", parent=extract([("traceparent", b"\xff nonsense")])):
            assert TRACE not in inject()["traceparent"]
    finally:
        detach(token)
    assert spans is not None


def test_a_failure_is_marked_by_its_kind(spans: InMemorySpanExporter) -> None:
    spans.clear()
    with pytest.raises(ValueError, match="hunter2"), span("handle"):
        raise ValueError("hunter2")
    (recorded,) = spans.get_finished_spans()
    assert recorded.status.description == "ValueError"
    assert recorded.events == ()
    assert "hunter2" not in recorded.to_json()


def test_the_trace_id_can_be_read_off_a_record() -> None:
    assert trace_id(HEADERS) == TRACE
    assert trace_id([]) == ""
