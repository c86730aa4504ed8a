"""An evaluation that somebody asked for links to the trace of the mail."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.kafka import Received
from runtime.telemetry import configure_traces
from schemas.envelope import FOLLOWS
from schemas.topics import EVALUATION_REQUESTED
from services.evaluator.handlers import Handler
from services.evaluator.ruleset import build_ruleset

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """Everything recorded."""
    exporter = InMemorySpanExporter()
    current = trace.get_tracer_provider()
    provider = current if isinstance(current, TracerProvider) else configure_traces("test", "", 1.0)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.mark.parametrize(("follows", "linked"), [(f"00-{TRACE}-b7ad6b7169203331-01", [TRACE]), ("nonsense", [])])
def test_an_evaluation_links_to_the_mail_s_trace(spans: InMemorySpanExporter, follows: str, linked: list[str]) -> None:
    spans.clear()
    headers = ((FOLLOWS, follows.encode()),)
    Handler(lambda: build_ruleset(1, [], [])).handle(Received(EVALUATION_REQUESTED.name, 0, 0, b"k", b"{}", headers, 0))
    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert [format(link.context.trace_id, "032x") for link in span.links] == linked
