"""A trace beside a value, only where somebody records it."""

import pytest

from runtime.exemplars import exemplar

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize("flags", ["01", "03", "ff"])
def test_a_recorded_trace_is_named(flags: str) -> None:
    assert exemplar({"traceparent": f"00-{TRACE}-{SPAN}-{flags}"}) == {"trace_id": TRACE}


@pytest.mark.parametrize(
    "header",
    ["", "00", f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-02", f"00-{TRACE}-{SPAN}-01\n", f"01-{TRACE}-{SPAN}-01"],
)
def test_what_nobody_records_or_can_read_is_not(header: str) -> None:
    assert exemplar({"traceparent": header}) is None


def test_a_record_without_a_trace_has_none() -> None:
    assert exemplar({}) is None
