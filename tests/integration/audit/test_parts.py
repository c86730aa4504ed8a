"""The service on the parts of a small installation: the in-process broker, and a collector of traces."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from runtime.kafka import Producer
from runtime.postgres import Database
from tests.integration.audit.conftest import Workers
from tests.integration.audit.expectations import assert_row_for_row, complete, until
from tests.integration.audit.process import AuditProcess
from tests.integration.audit.samples import TRACE, TRACEPARENT, decision, outgoing, traffic


async def test_it_runs_on_the_embedded_broker(
    tmp_path: Path, embedded_broker: str, database_dsn: str, database: Database
) -> None:
    producer = Producer(embedded_broker, client_id="tests")
    await producer.start()
    worker = AuditProcess(tmp_path / "audit", embedded_broker, database_dsn, MAILDESK_AUDIT_LIVE="memory")
    try:
        await producer.send_all(list(traffic(50)))
        worker.start()
        await producer.send_all(list(traffic(50, start=50)))
        await until(lambda: complete(database, 100))
        await assert_row_for_row(database, 100)
        assert await worker.stop() == 0
    finally:
        await producer.stop()
        if worker.running.poll() is None:
            worker.kill()


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """The URL of an OTLP/HTTP collector, and what it was sent."""
    bodies: list[bytes] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Collect) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", bodies
        server.shutdown()
        thread.join()


async def test_every_record_has_a_span_below_its_trace(
    workers: Workers, producer: Producer, database: Database, collector: tuple[str, list[bytes]]
) -> None:
    url, bodies = collector
    worker = workers(MAILDESK_OTLP_ENDPOINT=url)
    worker.start()
    await producer.send_all([outgoing(decision(1), TRACEPARENT)])
    await until(lambda: database.fetchval("SELECT count(*) = 1 FROM audit.decision_log_v1"))
    assert await worker.stop() == 0
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    spans = [span for r in requests for rs in r.resource_spans for scope in rs.scope_spans for span in scope.spans]
    assert [(span.name, span.trace_id.hex(), span.parent_span_id.hex()) for span in spans] == [
        ("audit", TRACE, TRACEPARENT["traceparent"].split("-")[2])
    ]
    assert await database.fetchval("SELECT trace_id FROM audit.decision_log_v1") == TRACE
