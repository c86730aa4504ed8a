"""Structured logs: one JSON object a line on stderr, with the trace it belongs to. Callers never log mail content."""

import json
import logging
import sys
from datetime import UTC, datetime

from opentelemetry import trace

_PLAIN = set(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


class JsonFormatter(logging.Formatter):
    """`time`, `level`, `service`, `logger`, `message`, what `extra=` gave; `trace_id`, `span_id` inside a span."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _PLAIN}
        if (context := trace.get_current_span().get_span_context()).is_valid:
            line["trace_id"] = format(context.trace_id, "032x")
            line["span_id"] = format(context.span_id, "016x")
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["stack"] = _frames(record)
        return json.dumps(line, default=str, ensure_ascii=False)


def _frames(record: logging.LogRecord) -> list[str]:
    """Where an exception came from, without its text: a text may quote what it choked on."""
    found = []
    step = record.exc_info[2] if record.exc_info else None
    while step is not None:
        found.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return found[-12:]


def configure_logs(service: str, level: str) -> None:
    """Send everything to stderr as JSON; libraries speak up from WARNING on.

    The drivers of Kafka and Postgres write many lines a second while their server is away. What they meet is
    translated where they are called and said there, once a try.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelName(level)))
    for driver in ("aiokafka", "asyncpg"):
        logging.getLogger(driver).setLevel(logging.CRITICAL)
    for ours in ("runtime", "connectors", "services", "cli", "sandbox"):
        logging.getLogger(ours).setLevel(level)
