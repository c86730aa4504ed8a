"""The trace that a record carries, as it came (W3C Trace Context, section 3)."""

from runtime.kafka import Received
from schemas.envelope import TRACE_HEADERS


def carried(record: Received) -> dict[str, str]:
    """Its trace headers; empty when it belongs to no trace."""
    return {name: value.decode("ascii", "replace") for name, value in record.headers if name in TRACE_HEADERS}
