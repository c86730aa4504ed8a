"""Traces: one per record, linked across Kafka by the W3C `traceparent` header."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Link, Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("maildesk")
_UNSAMPLED = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][02468ace]")
"""W3C Trace Context §3.2.2: the last bit of the flags says whether the trace is recorded."""
_OURS = re.compile(rb"00-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""As our services write it; of what others write, the propagator is asked."""
_ANY = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class SeenProvider(TracerProvider):
    """`seen`: whether anything gets its spans. Else only the ids of traces matter."""

    seen = False

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """See TracerProvider."""
        self.seen = True
        super().add_span_processor(span_processor)


def configure_traces(service: str, endpoint: str, ratio: float) -> TracerProvider:
    """Make spans; export them by OTLP/HTTP when an endpoint is given. The caller ends them with `end_traces`."""
    provider = SeenProvider(
        resource=Resource.create({"service.name": f"maildesk-{service}", "service.namespace": "maildesk"}),
        sampler=ParentBasedTraceIdRatio(ratio),
        shutdown_on_exit=False,
    )
    if endpoint:
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider


def end_traces(provider: TracerProvider, seconds: float) -> None:
    """Export what is left, in that time: a collector that does not answer would hold a process up for 20 seconds."""
    ending = threading.Thread(target=provider.shutdown, name="end of traces", daemon=True)
    ending.start()
    ending.join(seconds)


def extract(headers: Iterable[tuple[str, bytes]]) -> Context:
    """The trace context of a record, a fresh one when it carries none."""
    carrier = {
        name: value.decode("ascii", "replace") for name, value in headers if name in ("traceparent", "tracestate")
    }
    return _PROPAGATOR.extract(carrier, context=Context())


def inject() -> dict[str, str]:
    """The headers that carry the current span to the next service."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier


def passed_on(
    name: str, headers: Mapping[str, str], *, started: datetime, attributes: Mapping[str, str | int | bool]
) -> dict[str, str]:
    """The trace headers of what follows from a record: below a span of the work on it, from `started` to now.

    A span that nobody would see is not made: the record's own headers go on then.
    """
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        return dict(headers)
    unseen = _UNSAMPLED if not isinstance(provider, SeenProvider) or provider.seen else _ANY
    if unseen.fullmatch(headers.get("traceparent", "")):
        return dict(headers)
    parent = extract((name, value.encode()) for name, value in headers.items())
    with span(name, parent=parent, started=started, attributes=attributes):
        return inject()


def trace_id(headers: Iterable[tuple[str, bytes]]) -> str:
    """The trace id of a record in hex; empty when it carries none."""
    headers = tuple(headers)
    for name, value in headers:
        if name == "traceparent" and (found := _OURS.fullmatch(value)):
            return found[1].decode()
    context = trace.get_current_span(extract(headers)).get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""


def linked(traceparents: Iterable[str]) -> list[Link]:
    """Links to those that are well-formed, in their order."""
    contexts = (extract([("traceparent", each.encode())]) for each in traceparents if each)
    found = (trace.get_current_span(context).get_span_context() for context in contexts)
    return [Link(context) for context in found if context.is_valid]


@contextmanager
def joint_span(
    name: str, records: Sequence[Mapping[str, str]], *, attributes: Mapping[str, str | int | bool]
) -> Iterator[None]:
    """The current span of work on several records together, by their trace headers: in the first trace that is
    recorded, with links to the others. Where none is, or nobody would see it, there is none.
    """
    provider = trace.get_tracer_provider()
    traced = [each["traceparent"] for each in records if _ANY.fullmatch(each.get("traceparent", ""))]
    recorded = [each for each in traced if not _UNSAMPLED.fullmatch(each)]
    unseen = not provider.seen if isinstance(provider, SeenProvider) else not isinstance(provider, TracerProvider)
    if not recorded or unseen:
        yield
        return
    parent = extract([("traceparent", recorded[0].encode())])
    with span(name, parent=parent, links=linked(recorded[1:]), attributes=attributes):
        yield


@contextmanager
def inner_span(name: str, *, attributes: Mapping[str, str | int | bool]) -> Iterator[None]:
    """A span below the current one; none where the current one is not recorded."""
    if not trace.get_current_span().is_recording():
        yield
        return
    with span(name, attributes=attributes):
        yield


@contextmanager
def span(
    name: str,
    *,
    parent: Context | None = None,
    started: datetime | None = None,
    links: Sequence[Link] = (),
    attributes: Mapping[str, str | int | bool] | None = None,
) -> Iterator[Span]:
    """A span below `parent`, or below the current one, from `started` or now on.

    Exceptions mark it failed by type, never by their text.
    """
    with _TRACER.start_as_current_span(
        name,
        context=parent,
        attributes=dict(attributes or {}),
        links=links,
        start_time=int(started.timestamp() * 1e9) if started else None,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise
