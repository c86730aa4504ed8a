"""Dashboards are what Grafana's own types hold, each panel says what it shows, and asks for metrics that there are."""

import enum
import json
import re
import types
import typing
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

from cli.dashboards.files import boards, dashboard_files
from cli.generate.discovery import metrics_by_service
from cli.generate.repository import ROOT

BOARDS = {board.name: board for board in boards()}
FILES = {path: text for path, text in dashboard_files().items() if path.endswith(".json")}
UNITS = {value for name, value in vars(units).items() if name[0].isupper() and isinstance(value, str)}
OF_THE_PROCESS = {
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_start_time_seconds",
}
NAMED = re.compile(r"\b(?:maildesk|process)_[a-z0-9_]+")
register_default_plugins()


@pytest.fixture(params=FILES, ids=lambda path: path.rpartition("/")[2])
def loaded(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A dashboard as Grafana reads it."""
    found: dict[str, Any] = json.loads((ROOT / request.param).read_text())
    return found


def panels_of(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Without the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def taken(board: dict[str, Any]) -> Any:
    """What is left of it after Grafana's types have read and written it."""
    return json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))


def test_grafanas_types_know_everything_in_it(loaded: dict[str, Any]) -> None:
    assert taken(loaded) == loaded
    misspelt = {**loaded, "panels": [{**loaded["panels"][1], "descriptoin": "x"}]}
    assert taken(misspelt) != misspelt


def test_values_have_the_types_of_grafana(loaded: dict[str, Any]) -> None:
    assert not list(wrong(Dashboard.from_json(loaded), "dashboard"))
    broken = Dashboard.from_json({**loaded, "title": 7, "panels": [{**loaded["panels"][1], "description": 3}]})
    assert len(list(wrong(broken, "dashboard"))) == 2


def wrong(value: Any, place: str) -> typing.Iterator[str]:
    """Where an object of Grafana's types, or what it holds, is of another type than it says."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from wrong(each, f"{place}[{number}]")
    module = type(value).__module__
    if not module.startswith("grafana_foundation_sdk.models") or not hasattr(value, "to_json"):
        return
    for name, hint in typing.get_type_hints(type(value)).items():
        given = getattr(value, name)
        if not fits(given, hint):
            yield f"{place}.{name}: {given!r}"
        yield from wrong(given, f"{place}.{name}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a type, as far as lists and unions go."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, each) for each in typing.get_args(hint))
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if origin is list:
        return isinstance(value, list) and all(fits(each, typing.get_args(hint)[0]) for each in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    kind = origin or hint
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return value in [each.value for each in kind]
    return kind is typing.Any or not isinstance(kind, type) or isinstance(value, kind)


def test_each_panel_says_what_it_shows_and_in_which_unit(loaded: dict[str, Any]) -> None:
    panels = panels_of(loaded)
    assert len({panel["title"] for panel in panels}) == len(panels) >= 6
    for panel in panels:
        assert panel["description"].endswith("."), panel["title"]
        assert len(panel["description"]) > 20, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["targets"], panel["title"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {panel["datasource"]["uid"]}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


def test_panels_do_not_lie_over_each_other(loaded: dict[str, Any]) -> None:
    cells: set[tuple[int, int]] = set()
    for panel in loaded["panels"]:
        at = panel["gridPos"]
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not mine & cells, panel["title"]
        cells |= mine


def test_each_query_asks_for_metrics_that_there_are(loaded: dict[str, Any]) -> None:
    declared = {metric.name: metric.kind for found in metrics_by_service().values() for metric in found}
    series = OF_THE_PROCESS | {name for name, kind in declared.items() if kind != "histogram"}
    series |= {f"{name}_bucket" for name, kind in declared.items() if kind == "histogram"}
    for panel in panels_of(loaded):
        for target in panel["targets"]:
            expression = re.sub(r'__name__=~"([^"]+)"', "", target.get("expr", ""))
            assert set(NAMED.findall(expression)) <= series, panel["title"]
            for pattern in re.findall(r'__name__=~"([^"]+)"', target.get("expr", "")):
                assert any(re.fullmatch(pattern, name) for name in series), panel["title"]


def test_each_has_an_address_and_finds_the_others() -> None:
    found = [json.loads(text) for text in FILES.values()]
    assert {board["uid"] for board in found} == {f"maildesk-{name}" for name in BOARDS}
    assert all(board["tags"] == board["links"][0]["tags"] == ["maildesk"] for board in found)
