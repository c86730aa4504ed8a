"""A small OTLP/HTTP receiver: what a collector would get."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """Ids in hex; `parent` is empty for a root. `links`: traces."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    links: tuple[str, ...] = ()


@dataclass(slots=True)
class Receiver:
    """Where to send traces, and what came: spans, and the bytes as they were."""

    url: str
    spans: list[Span] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes) -> None:
        """Keep one request."""
        request = ExportTraceServiceRequest.FromString(body)
        with self.lock:
            self.raw += body
            for resource in request.resource_spans:
                service = _attributes(resource.resource.attributes).get("service.name", "")
                for scope in resource.scope_spans:
                    self.spans += [_span(service, each) for each in scope.spans]

    def of(self, trace: str) -> list[Span]:
        """The spans of one trace."""
        with self.lock:
            return [span for span in self.spans if span.trace == trace]


def _span(service: str, span: Any) -> Span:
    attributes = _attributes(span.attributes)
    links = tuple(link.trace_id.hex() for link in span.links)
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Span(service, span.name, *ids, attributes, links)


def _attributes(pairs: Any) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in pairs}


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listens on a free port of this machine until the block ends."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
