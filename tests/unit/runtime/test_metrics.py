"""Every metric is described, and its name says what it is."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from cli.generate.discovery import SHARED, metrics_by_service
from runtime import metrics
from runtime.metrics import CATALOGUE, Described

FORBIDDEN_LABELS = {"message_id", "event_id", "subject", "address", "sender", "conversation", "trace_id"}
DECLARED = [(service, metric) for service, found in metrics_by_service().items() for metric in found]


@pytest.fixture
def catalogue() -> Iterator[list[Described]]:
    before = list(CATALOGUE)
    yield CATALOGUE
    CATALOGUE[:] = before


def test_declaring_describes(catalogue: list[Described]) -> None:
    count = metrics.counter("maildesk_sample_total", "Samples", ["kind"])
    level = metrics.gauge("maildesk_sample_bytes", "Size", unit="bytes")
    times = metrics.histogram("maildesk_sample_seconds", "Time")
    try:
        count.labels("x").inc()
        level.set(3)
        times.observe(0.1)
        assert [m.kind for m in catalogue[-3:]] == ["counter", "gauge", "histogram"]
        assert catalogue[-3] == Described("maildesk_sample_total", "counter", "1", "Samples", ("kind",))
        assert REGISTRY.get_sample_value("maildesk_sample_total", {"kind": "x"}) == 1
        assert REGISTRY.get_sample_value("maildesk_sample_seconds_bucket", {"le": "0.1"}) == 1
    finally:
        for metric in (count, level, times):
            REGISTRY.unregister(metric)


@pytest.mark.parametrize(("service", "metric"), DECLARED, ids=[metric.name for _, metric in DECLARED])
def test_names_follow_their_kind(service: str, metric: Described) -> None:
    assert re.fullmatch(r"maildesk_[a-z0-9_]+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.name.endswith("_seconds") or metric.kind != "histogram"
    assert service == SHARED or metric.name.startswith(f"maildesk_{service}_")
    assert metric.meaning


@pytest.mark.parametrize(("service", "metric"), DECLARED, ids=[metric.name for _, metric in DECLARED])
def test_labels_are_bounded(service: str, metric: Described) -> None:  # noqa: ARG001 - shared parameters
    assert not FORBIDDEN_LABELS & set(metric.labels)
