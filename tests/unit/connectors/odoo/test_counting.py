"""Calls of Odoo are counted by what became of them, whatever that is."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from connectors.odoo.counting import METHODS, counted
from runtime.errors import PermanentError


def calls(method: str, outcome: str) -> float:
    labels = {"method": method, "outcome": outcome}
    return REGISTRY.get_sample_value("maildesk_connectors_odoo_calls_total", labels) or 0.0


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (PermanentError("no", code="odoo-access"), "odoo-access"),
        (RuntimeError("a defect"), "unexpected"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
def test_each_call_counts_once_and_what_it_raised_goes_on(error: BaseException | None, outcome: str) -> None:
    def call() -> None:
        if error is not None:
            raise error

    before = calls("load", outcome)
    seen: BaseException | None = None
    try:
        with counted("load"):
            call()
    except BaseException as raised:
        seen = raised
    assert seen is error
    assert calls("load", outcome) == before + 1


def test_a_method_that_is_not_listed_has_no_label_of_its_own() -> None:
    assert "x_of_somebody" not in METHODS
    before = calls("other", "ok")
    with counted("x_of_somebody"):
        pass
    assert calls("other", "ok") == before + 1
    seconds = "maildesk_connectors_odoo_call_seconds_count"
    assert REGISTRY.get_sample_value(seconds, {"method": "x_of_somebody"}) is None
