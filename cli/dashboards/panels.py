"""The kinds of panels that dashboards are made of. Each has a description and a unit."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    GraphDrawStyle,
    LegendDisplayMode,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    Panel,
    Threshold,
    ThresholdsMode,
)

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="${prometheus}")
POSTGRES = DataSourceRef(type_val="grafana-postgresql-datasource", uid="${postgres}")
HEIGHT = 8
SHORT_HEIGHT = 4


@dataclass(frozen=True, slots=True)
class Head:
    """What is written over a panel; `unit`: Grafana's id of it; `width`: of 24 columns."""

    title: str
    description: str
    unit: str
    width: int = 12


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and how its series are called."""

    expression: str
    legend: str = ""


class SqlQuery(Dataquery, Builder[Dataquery]):
    """A statement for the Postgres data source, which the SDK has no model of."""

    def __init__(self, statement: str, shape: str) -> None:
        self._statement = statement
        self._shape = shape

    def build(self) -> Dataquery:
        """Itself."""
        return self

    def to_json(self) -> dict[str, object]:
        """As Grafana's Postgres data source keeps it."""
        return {
            "refId": "A",
            "datasource": POSTGRES,
            "editorMode": "code",
            "format": self._shape,
            "rawQuery": True,
            "rawSql": self._statement,
        }


def figure(
    head: Head, query: Query, bad_from: float | None = None, *, good_from: float | None = None
) -> Builder[Panel]:
    """One figure, red from `bad_from` on, or up to `good_from`."""
    steps = [Threshold(value=None, color="green")]
    if bad_from is not None:
        steps.append(Threshold(value=bad_from, color="red"))
    if good_from is not None:
        steps = [Threshold(value=None, color="red"), Threshold(value=good_from, color="green")]
    panel = stat.Panel().title(head.title).description(head.description).unit(head.unit)
    panel = panel.height(SHORT_HEIGHT).span(head.width).datasource(PROMETHEUS)
    panel = panel.color_mode(BigValueColorMode.BACKGROUND if len(steps) > 1 else BigValueColorMode.VALUE)
    panel = panel.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    return panel.with_target(_target("A", query))


def lines(head: Head, *queries: Query, exemplars: bool = False) -> Builder[Panel]:
    """Values over time."""
    panel = _graph(head).datasource(PROMETHEUS)
    for number, query in enumerate(queries):
        panel = panel.with_target(_target(chr(ord("A") + number), query, exemplars=exemplars))
    return panel


def sql_bars(head: Head, statement: str) -> Builder[Panel]:
    """Counts over time, of rows; the statement gives `time`, `metric` and a value."""
    panel = _graph(head).datasource(POSTGRES).draw_style(GraphDrawStyle.BARS).fill_opacity(60)
    panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return panel.with_target(SqlQuery(statement, "time_series"))


def sql_rows(
    head: Head, statement: str, links: Sequence[tuple[str, str, str]] = (), units: Sequence[tuple[str, str]] = ()
) -> Builder[Panel]:
    """Rows as they are. `links`: column, text and URL of a link; `units`: column and unit, where it is another one."""
    panel = table.Panel().title(head.title).description(head.description).unit(head.unit)
    panel = panel.height(HEIGHT + 2).span(head.width).datasource(POSTGRES).filterable(True)  # noqa: FBT003
    for column, text, url in links:
        link = [{"title": text, "url": url, "targetBlank": True}]
        panel = panel.override_by_name(column, [DynamicConfigValue(id_val="links", value=link)])
    for column, unit in units:
        panel = panel.override_by_name(column, [DynamicConfigValue(id_val="unit", value=unit)])
    return panel.with_target(SqlQuery(statement, "table"))


def _graph(head: Head) -> timeseries.Panel:
    panel = timeseries.Panel().title(head.title).description(head.description).unit(head.unit)
    legend = common.VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST)  # noqa: FBT003
    panel = panel.legend(legend).tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    return panel.height(HEIGHT).span(head.width).fill_opacity(10).min(0)


def _target(ref: str, query: Query, *, exemplars: bool = False) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(ref).expr(query.expression).datasource(PROMETHEUS).range()
    if query.legend:
        target = target.legend_format(query.legend)
    return target.exemplar(exemplars) if exemplars else target
