"""The alerts as a resource of the Prometheus operator, and as a page for people."""

from typing import Any

import yaml

from cli.generate.markdown import code, table
from cli.generate.repository import NOTE, REFERENCE, ROOT, Files

SOURCE = "deploy/prometheus/rules.yaml"
RESOURCE = "deploy/k8s/components/prometheus-rules/rules.yaml"

_PAGE = """# Alerts

{note}

`promtool test rules deploy/prometheus/rules-test.yaml` shows for each when it fires and when not. Prometheus takes
`deploy/prometheus/rules.yaml` as it is; with the Prometheus operator, `deploy/k8s/components/prometheus-rules` makes a
PrometheusRule of it ([how to observe](../howto/observe.md)).

{alerts}"""


def alert_files() -> Files:
    """`docs/reference/alerts.md` and the PrometheusRule."""
    groups: list[dict[str, Any]] = yaml.safe_load((ROOT / SOURCE).read_text())["groups"]
    head = ("alert", "severity", "for", "what", "runbook")
    rows = [_row(rule) for group in groups for rule in group["rules"]]
    page = _PAGE.format(note=NOTE.format(source=code(SOURCE)), alerts=table(head, rows))
    return {f"{REFERENCE}/alerts.md": page, RESOURCE: _resource(groups)}


def _row(rule: dict[str, Any]) -> tuple[str, ...]:
    said = rule["annotations"]
    runbook = said["runbook_url"].removeprefix("docs/")
    name = runbook.rpartition("/")[2].removesuffix(".md")
    return (
        code(rule["alert"]),
        rule["labels"]["severity"],
        rule.get("for", "at once"),
        said["description"],
        f"[{name}](../{runbook})",
    )


def _resource(groups: list[dict[str, Any]]) -> str:
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "maildesk", "labels": {"app.kubernetes.io/name": "maildesk"}},
        "spec": {"groups": groups},
    }
    return f"# {NOTE.format(source=SOURCE)}\n{yaml.dump(resource, Dumper=_Dumper, sort_keys=False, width=120)}"


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are read."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent)
