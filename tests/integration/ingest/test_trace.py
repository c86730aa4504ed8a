"""One root span a mail, whose trace travels in the event and survives a repeat."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from connectors.mailbox.fake import FakeMailbox
from runtime.postgres import Database
from runtime.telemetry import trace_id
from services.ingest.tracing import MailSpans
from tests.integration.ingest.parts import Broker, CrashError, CrashingLedger, desk, migrated, numbered


@pytest.fixture(autouse=True, scope="module")
def _provider() -> None:
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider(shutdown_on_exit=False))


async def test_a_repeat_continues_the_same_trace(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    box.deliver(numbered(2))
    ledger = CrashingLedger(await migrated(database), "before the mark")
    with pytest.raises(CrashError):
        await desk(ledger, broker, box).reader.look()
    await desk(ledger, broker, box).reader.look()
    traces = [trace_id(record.headers) for record in broker.records]
    assert len(traces) == 4
    assert traces[:2] == traces[2:]
    assert len(set(traces)) == 2
    assert "" not in traces


def test_spans_are_roots_and_end_failed_with_the_error() -> None:
    spans = MailSpans("info", 2)
    assert spans.headers(0)["traceparent"] != spans.headers(1)["traceparent"]
    with pytest.raises(ZeroDivisionError), spans:
        raise ZeroDivisionError
