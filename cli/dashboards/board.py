"""A dashboard around its panels: names, variables, and how long a look goes back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLink,
    DashboardLinkType,
    Panel,
    VariableModel,
    VariableRefresh,
    VariableSort,
)

from cli.dashboards.panels import PROMETHEUS

TAG = "maildesk"
Panels = tuple[Builder[Panel], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Panels below a heading."""

    title: str
    panels: Panels


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard. `name`: of its file, and of its address in Grafana. `sql`: it has panels on Postgres."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: Sequence[Builder[VariableModel]] = field(default=())
    sql: bool = False
    metrics: bool = True

    def json(self) -> str:
        """As Grafana imports it."""
        board = dashboard.Dashboard(self.title).uid(f"maildesk-{self.name}").description(self.description)
        board = board.tags([TAG]).timezone("browser").readonly().refresh("30s").time("now-1h", "now")
        board = board.tooltip(DashboardCursorSync.CROSSHAIR).link(_others())
        if self.metrics:
            board = board.with_variable(_source("prometheus", "prometheus", "Prometheus"))
        if self.sql:
            board = board.with_variable(_source("postgres", "grafana-postgresql-datasource", "Execution log"))
        for variable in self.variables:
            board = board.with_variable(variable)
        for row in self.rows:
            board = board.with_row(dashboard.Row(row.title))
            for panel in row.panels:
                board = board.with_panel(panel)
        return json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def label_values(name: str, metric: str, text: str) -> Builder[VariableModel]:
    """A variable with the values of a metric's label of the same name; several may be chosen, all at first."""
    variable = dashboard.QueryVariable(name).label(text).datasource(PROMETHEUS)
    variable = variable.query(f"label_values({metric}, {name})")
    variable = variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
    return variable.multi(True).include_all(True).all_value(".*")  # noqa: FBT003


def _source(name: str, kind: str, text: str) -> Builder[VariableModel]:
    return dashboard.DatasourceVariable(name).label(text).type(kind)


def _others() -> Builder[DashboardLink]:
    link = dashboard.DashboardLink("MailDesk").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(True).keep_time(True)  # noqa: FBT003
