"""Windows: what is counted, in which of them, and what is shown of it."""

import asyncio
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from prometheus_client import CollectorRegistry, Gauge

from runtime.service import Process
from schemas.result import State
from schemas.topics import AUDIT_LIVE_CHANGELOG, AUTOMATION_RESULTS
from services.audit import live
from services.audit.live import count_all, held_back
from services.audit.live_counts import BUCKETS, STATES, SUM, TIMED, WIDTH, Group, added, quantile, read
from services.audit.live_gauges import NAMED, OTHER, Gauges, LiveGauges, grouped
from services.audit.live_windows import MemoryWindows, TableWindows, Windows
from tests.integration.audit.samples import result

NOW = 1_700_000_100.0
MINUTE = NOW // 60 * 60
TAG = Group(3, "sales", "orders", "tag")


@dataclass
class Message:
    """As Faust hands it over."""

    value: bytes | None
    timestamp: float = NOW
    partition: int = 3
    topic: str = AUTOMATION_RESULTS.name
    offset: int = 0
    key: bytes = b""
    headers: None = None


class Table(dict[Any, Any]):
    """A Faust table: what is set goes into its data."""

    @property
    def data(self) -> "Table":
        return self


@pytest.fixture(params=["memory", "table"])
def windows(request: pytest.FixtureRequest) -> Windows:
    """The same on both."""
    return MemoryWindows() if request.param == "memory" else TableWindows(Table(), lambda: {3, 4})


async def test_counting_waits_while_the_log_is_far_behind() -> None:
    process = Process("audit")
    process.health.facts["lag"] = {"automation-results": 9_000, "automation-decisions": 1}
    waiting = asyncio.ensure_future(held_back(process, 0.001))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    process.health.facts["lag"] = {"automation-results": 900}
    assert await asyncio.wait_for(waiting, 5) is False


async def test_a_stop_ends_the_wait_for_the_log() -> None:
    process = Process("audit")
    process.stopping.set()
    assert await held_back(process) is True


def test_the_table_is_the_topic_that_is_declared() -> None:
    assert AUDIT_LIVE_CHANGELOG.name == f"{live.GROUP}-{live.TABLE}-changelog"
    assert AUDIT_LIVE_CHANGELOG.partitions == AUTOMATION_RESULTS.partitions
    assert set(STATES) == set(get_args(State))


def test_a_result_counts_by_its_state_and_its_duration() -> None:
    found = read(result(1, state="failed").to_json(), 3)
    assert found is not None
    group, counts = found
    assert group == TAG
    assert (counts[STATES.index("failed")], counts[TIMED], counts[SUM]) == (1, 1, 1.5)
    assert sum(counts[BUCKETS:]) == 1
    assert quantile(counts, 0.95) == 2.5


def test_a_result_that_no_attempt_led_to_has_no_duration() -> None:
    found = read(result(1, state="skipped", started_at=None).to_json(), 3)
    assert found is not None
    assert sum(found[1]) == 1
    assert quantile(found[1], 0.5) is None


@pytest.mark.parametrize("value", [None, b"", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_result_is_not_counted(value: bytes | None) -> None:
    assert read(value, 3) is None


def test_what_another_version_held_starts_anew() -> None:
    assert added([1, 2], [1, 1, 1]) == [1, 1, 1]
    assert added([1, 2, 3], [1, 1, 1]) == [2, 3, 4]


def test_a_batch_adds_up_by_group_and_minute(windows: Windows) -> None:
    now = [Message(result(n).to_json()) for n in range(3)]
    before = [Message(result(9).to_json(), timestamp=NOW - 60)]
    others = [Message(b"{}"), Message(result(8).to_json(), timestamp=NOW - 3_600)]
    count_all([*now, *before, *others], windows, NOW)
    count_all(now[:1], windows, NOW)
    held = {key: counts[0] for key, counts in windows.items(NOW - 900)}
    assert held == {(TAG, MINUTE): 4, (TAG, MINUTE - 60): 1}


def test_a_record_from_the_future_counts_now(windows: Windows) -> None:
    count_all([Message(result(1).to_json(), timestamp=NOW + 86_400)], windows, NOW)
    assert [key for key, _ in windows.items(NOW - 900)] == [(TAG, MINUTE)]


def test_what_is_old_is_forgotten(windows: Windows) -> None:
    count_all([Message(result(1).to_json())], windows, NOW)
    assert list(windows.items(NOW + 1_000)) == []
    assert list(windows.items(0)) == []


def test_a_partition_that_went_to_another_process_is_not_shown_here() -> None:
    table = TableWindows(Table(), lambda: {4})
    count_all([Message(result(1).to_json())], table, NOW)
    assert list(table.items(0)) == []


def test_windows_are_bounded(windows: Windows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.audit.live_windows.MOST_GROUPS", 5)
    for number in range(9):
        windows.add(Group(3, f"m{number}", "r", "tag"), MINUTE, [1] * WIDTH)
    windows.add(Group(3, "m0", "r", "tag"), MINUTE, [1] * WIDTH)
    assert sorted(counts[0] for _, counts in windows.items(0)) == [1, 1, 1, 1, 2]


def test_the_busiest_are_named_and_the_others_are_together() -> None:
    windows = MemoryWindows()
    for number in range(NAMED + 20):
        windows.add(Group(3, f"m{number}", "r", "tag"), MINUTE, [2 if number < NAMED else 1] * WIDTH)
    shown = grouped(windows, NOW)
    assert len(shown) == NAMED + 1
    assert shown[OTHER, OTHER, OTHER][0] == 20


def test_gauges_show_the_last_minutes_and_nothing_else() -> None:
    registry = CollectorRegistry()
    results = Gauge("r", "", ["mailbox", "rule", "action", "state"], registry=registry)
    seconds = Gauge("s", "", ["mailbox", "rule", "action"], registry=registry)
    gauges, windows = LiveGauges(Gauges(results, seconds)), MemoryWindows()
    count_all([Message(result(n).to_json(), partition=n) for n in range(4)], windows, NOW)
    gauges.show(windows, NOW)
    labels = {"mailbox": "sales", "rule": "orders", "action": "tag"}
    assert registry.get_sample_value("r", {**labels, "state": "succeeded"}) == 4
    assert registry.get_sample_value("r", {**labels, "state": "failed"}) is None
    assert registry.get_sample_value("s", labels) == 2.5
    gauges.show(windows, NOW + 600)
    assert registry.get_sample_value("r", {**labels, "state": "succeeded"}) is None
