"""One span a record, below the trace that the record carries, from the taking of its batch to its row."""

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode

from runtime.kafka import Received
from runtime.telemetry import extract

_TRACER = trace.get_tracer("maildesk")


class BatchSpans:
    """The spans of one batch, which overlap: none of them is the current one."""

    def __init__(self, records: Sequence[Received]) -> None:
        self._spans: list[Span] = [_TRACER.start_span("audit", context=extract(record.headers)) for record in records]
        for span, record in zip(self._spans, records, strict=True):
            span.set_attribute("messaging.destination.name", record.topic)

    def trace_ids(self) -> list[str]:
        """In hex, as the rows hold them; empty where neither the record nor this process has a trace."""
        contexts = [span.get_span_context() for span in self._spans]
        return [format(context.trace_id, "032x") if context.is_valid else "" for context in contexts]

    def refuse(self, position: int, code: str) -> None:
        """Mark a record as dead."""
        self._spans[position].set_status(Status(StatusCode.ERROR, code))

    def end(self) -> None:
        """All are handled."""
        for span in self._spans:
            span.end()
