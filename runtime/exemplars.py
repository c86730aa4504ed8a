"""Exemplars: the trace beside a measured value, so that a slow one can be looked at (OpenMetrics §Exemplars)."""

import re
from collections.abc import Mapping

_RECORDED = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f][13579bdf]")
"""W3C Trace Context §3.2.2: the last bit of the flags says whether the trace is recorded."""


def exemplar(headers: Mapping[str, str]) -> dict[str, str] | None:
    """What to hand to `observe` for a record with these headers; None when nobody records its trace."""
    found = _RECORDED.fullmatch(headers.get("traceparent", ""))
    return {"trace_id": found[1]} if found else None
