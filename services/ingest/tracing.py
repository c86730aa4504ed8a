"""One root span a mail, from its reading to the broker's acknowledgement; its context travels with the event."""

from types import TracebackType
from typing import Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode

from runtime.telemetry import inject

_TRACER = trace.get_tracer("maildesk")


class MailSpans:
    """The spans of one batch. They overlap, so none of them is the current one; all end with the block."""

    def __init__(self, mailbox: str, count: int) -> None:
        attributes = {"maildesk.mailbox": mailbox}
        self._spans: list[Span] = [
            _TRACER.start_span("ingest", context=Context(), attributes=attributes) for _ in range(count)
        ]

    def headers(self, index: int) -> dict[str, str]:
        """The record headers that continue a mail's trace."""
        with trace.use_span(self._spans[index]):
            return inject()

    def outcome(self, index: int, outcome: str) -> None:
        """Say what became of a mail."""
        self._spans[index].set_attribute("maildesk.outcome", outcome)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for span in self._spans:
            if kind is not None:
                span.set_status(Status(StatusCode.ERROR, kind.__name__))
            span.end()
