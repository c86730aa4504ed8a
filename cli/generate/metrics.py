"""The page of metrics: every name with its kind, labels and meaning."""

from cli.generate.discovery import metrics_by_service
from cli.generate.markdown import code, table
from cli.generate.repository import NOTE, REFERENCE, Files
from runtime.metrics import Described

_PAGE = """# Metrics

{note}

Each service serves them on `/metrics`, beside the process' own (`process_*`, `python_*`): as OpenMetrics to who asks
for that, as Prometheus does, else as Prometheus' text. A histogram `x` has the series `x_bucket`, `x_sum` and
`x_count`; with OpenMetrics, `maildesk_actions_latency_seconds_bucket` names a trace beside its values (an exemplar)
where traces are recorded. Labels never hold addresses, subjects or ids of mails: `mailbox` and `rule` are the ids that
configuration gives. Those of `connectors` are served by `ingest` and `actions`, each of what it did itself.
"""


def metrics_files() -> Files:
    """`docs/reference/metrics.md`."""
    page = _PAGE.format(note=NOTE.format(source="`services/*/metrics.py` and `connectors/metrics.py`"))
    for service, metrics in metrics_by_service().items():
        page += f"\n## {service}\n\n{table(('metric', 'kind', 'unit', 'labels', 'meaning'), map(_row, metrics))}"
    return {f"{REFERENCE}/metrics.md": page}


def _row(metric: Described) -> tuple[str, ...]:
    return (code(metric.name), metric.kind, metric.unit, ", ".join(map(code, metric.labels)), metric.meaning)
