"""Every metric is described, and its name says what it is."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from cli.generate.discovery import SHARED, metrics_by_service
from runtime import metrics
from runtime.metrics import CATALOGUE, Described

ALLOWED_LABELS = {
    "about",  # what facts are of: three words in code
    "cause",  # of a look at a mailbox, in code
    "code",  # of errors, in code
    "doing",  # what was tried, in code
    "group",  # of consumers, in code
    "kind",  # of a row, in code
    "mailbox",  # an id that configuration gives
    "method",  # of Odoo, those in code, else `other`
    "outcome",  # in code
    "protocol",  # imap, pop3, smtp
    "rule",  # an id that configuration gives; a process names so many
    "state",  # of a command
    "target",  # the kind of a target, in code
    "topic",  # declared in schemas/topics.py
    "type",  # of an action
}
"""What a label may be, and what bounds its values. Nothing of a mail is among them."""
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
    assert set(metric.labels) <= ALLOWED_LABELS


def test_of_names_that_configuration_gives_only_so_many_have_a_series(catalogue: list[Described]) -> None:
    del catalogue
    count = metrics.counter("maildesk_sample_named_total", "Samples", ["mailbox", "rule"])
    try:
        named = metrics.Named(count, most=2)
        for rule in ("a", "b", "c", "d", "a"):
            named.labels("support", rule).inc()
        samples = {sample.labels["rule"]: sample.value for sample in next(iter(count.collect())).samples}
        assert samples == {"a": 2, "b": 1, "other": 2}
        assert REGISTRY.get_sample_value("maildesk_sample_named_total", {"mailbox": "other", "rule": "other"}) == 2
    finally:
        REGISTRY.unregister(count)
