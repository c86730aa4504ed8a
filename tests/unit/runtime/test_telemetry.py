"""Spans linked by headers; failures marked by kind only."""

import re
from datetime import UTC, datetime

import pytest
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.telemetry import (
    SeenProvider,
    configure_traces,
    extract,
    inject,
    inner_span,
    joint_span,
    linked,
    passed_on,
    span,
    trace_id,
)

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


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_what_follows_is_below_a_span_of_the_work(spans: InMemorySpanExporter) -> None:
    spans.clear()
    sent = passed_on("act", {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, started=NOON, attributes={"n": 1})
    (recorded,) = spans.get_finished_spans()
    assert recorded.context is not None
    assert sent == {"traceparent": f"00-{TRACE}-{recorded.context.span_id:016x}-01"}
    assert recorded.start_time == int(NOON.timestamp() * 1e9)


def test_a_trace_that_is_not_recorded_goes_on_as_it_is(spans: InMemorySpanExporter) -> None:
    spans.clear()
    given = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-00", "tracestate": "x=1"}
    assert passed_on("act", given, started=NOON, attributes={}) == given
    assert spans.get_finished_spans() == ()


def test_a_malformed_parent_begins_a_trace(spans: InMemorySpanExporter) -> None:
    spans.clear()
    sent = passed_on("act", {"traceparent": "00-nonsense-00"}, started=NOON, attributes={})
    assert len(sent["traceparent"]) == 55
    assert len(spans.get_finished_spans()) == 1


def test_a_span_that_nobody_would_see_is_not_made() -> None:
    provider = SeenProvider()
    assert not provider.seen
    provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
    assert provider.seen


def parent_of(number: int, flags: str = "01") -> str:
    """The n-th record's `traceparent`."""
    return f"00-{number:032x}-{number:016x}-{flags}"


def test_links_are_made_of_what_is_well_formed() -> None:
    links = linked([parent_of(5), "", "nonsense", parent_of(0), parent_of(6)])
    assert [link.context.trace_id for link in links] == [5, 6]


def test_work_on_several_records_is_in_the_first_recorded_trace_and_links_to_the_others(
    spans: InMemorySpanExporter,
) -> None:
    spans.clear()
    records = [{"traceparent": parent_of(4, "00")}, {}, *({"traceparent": parent_of(n)} for n in (5, 6, 7))]
    with joint_span("effect tag", records, attributes={"maildesk.commands": 5}), inner_span("odoo", attributes={}):
        pass
    inner, outer = spans.get_finished_spans()
    assert (outer.parent and outer.parent.span_id, [link.context.trace_id for link in outer.links]) == (5, [6, 7])
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id


def test_work_on_records_that_nobody_records_has_no_span(spans: InMemorySpanExporter) -> None:
    spans.clear()
    records = [{"traceparent": parent_of(4, "00")}, {}]
    with joint_span("effect tag", records, attributes={}), inner_span("odoo", attributes={}):
        assert not trace.get_current_span().is_recording()
    assert spans.get_finished_spans() == ()


def test_the_trace_id_of_a_nonsense_header_is_empty() -> None:
    for value in (b"nonsense", parent_of(0).encode(), b"\xff", b"ff" + parent_of(5).encode()[2:]):
        assert trace_id([("traceparent", value)]) == ""
