"""A real Prometheus scrapes the services under load, and every query of every dashboard gives data."""

import asyncio
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import start_http_server
from prometheus_client.parser import text_string_to_metric_families

from cli.generate.discovery import CONNECTORS, metrics_by_service
from cli.generate.repository import ROOT
from cli.observing import observe
from connectors.metrics import CERTIFICATE_EXPIRY, OAUTH_GRANTED, OAUTH_RENEWALS
from runtime.postgres import Database
from tests.e2e.conftest import Live
from tests.e2e.desk import SERVICES, Desk
from tests.e2e.mails import deliver, mail
from tests.e2e.prometheus import Asking, address_of

BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "deploy" / "grafana").glob("*.json"))}
WORDS = ("urgent", "offer", "lost")
FIRST_STEPS = 5
"""Of the mails that the platform starts with."""
LAST_SCRAPE = 'max(timestamp(up{job="maildesk"}))'
FINAL = "SELECT count(*) FROM audit.execution_log_v1 WHERE state IN ('succeeded', 'failed', 'skipped')"
CHOSEN = {"mailbox": "support", "rule": ".*", "type": ".*"}
SPOKEN_TO_ODOO = ("ingest", "actions")


@dataclass(frozen=True, slots=True)
class Observed:
    """A platform, and the Prometheus that has scraped it."""

    live: Live
    prometheus: Asking


@pytest.fixture(scope="module")
def observed(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """Scraped, then given mail, then scraped again, so that every rate has something to tell."""
    if shutil.which("prometheus") is None:
        pytest.skip("dashboards are tested on a real Prometheus: apt-get install prometheus")
    home = tmp_path_factory.mktemp("prometheus")
    with asyncio.Runner() as runner, _secured_mailbox(home / "targets"):
        said: list[str] = []
        running = observe(home, live.up.ports, said.append)
        runner.run(running.__aenter__())
        try:
            found = Observed(live, Asking(address_of("\n".join(said))))
            _give_work(found)
            yield found
        finally:
            runner.run(running.__aexit__(None, None, None))


def _give_work(found: Observed) -> None:
    live, ask = found.live, found.prometheus
    # A series that is new has no rate yet: all that the first mails make is there before the next ones come.
    live.up.wait(lambda: live.desk.query(_final) >= FIRST_STEPS, "done with the first mails")
    begun = time.time()
    live.up.wait(lambda: ask.number(f"count(timestamp(up) > {begun})") == len(SERVICES) + 1, "scraped")
    done = live.desk.query(_final)
    for number, word in enumerate(WORDS * 3):
        deliver(live.maildir, mail(f"observed-{number}", f"{word} {number}"))
    live.up.wait(lambda: live.desk.query(_final) >= done + 3 * len(WORDS), "done")
    # Lag and backlog are looked at every five seconds, and Prometheus looks every two.
    seen = ask.number(LAST_SCRAPE)
    live.up.wait(lambda: ask.number(LAST_SCRAPE) > seen + 6, "scraped again")


@contextmanager
def _secured_mailbox(targets: Path) -> Iterator[None]:
    """What this run has not, a mailbox with TLS and a grant: the services' own metrics, served by the tests."""
    CERTIFICATE_EXPIRY.labels("support", "imap").set(4e9)
    OAUTH_GRANTED.labels("support").set(1)
    OAUTH_RENEWALS.labels("support", "ok").inc()
    server, thread = start_http_server(0, "127.0.0.1")
    target = {"targets": [f"127.0.0.1:{server.server_port}"], "labels": {"service": "tests"}}
    targets.mkdir(parents=True)
    (targets / "tests.yaml").write_text(yaml.safe_dump([target]))
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


async def _final(database: Database) -> int:
    return int(await database.fetchval(FINAL))


def _queries() -> Iterator[Any]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                yield pytest.param(target, id=f"{name}: {panel['title']} {target['refId']}")


def _filled(text: str) -> str:
    for name, value in CHOSEN.items():
        text = text.replace(f"${{{name}:regex}}", value).replace(f"${name}", value)
    text = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN now() - interval '1 hour' AND now()", text)
    group = r'floor(extract(epoch FROM \1) / 60) * 60 AS "time"'
    text = re.sub(r"\$__timeGroupAlias\((\w+), \$__interval\)", group, text)
    text = text.replace("$__rate_interval", "20s")
    assert "$" not in text.replace("$'", ""), text
    return text


@pytest.mark.parametrize("target", list(_queries()))
def test_every_query_gives_data(observed: Observed, target: dict[str, Any]) -> None:
    if "expr" in target:
        assert observed.prometheus.values(_filled(target["expr"]))
        return

    assert asyncio.run(_as_grafana(observed.live.desk, _filled(target["rawSql"])))


async def _as_grafana(desk: Desk, statement: str) -> list[Any]:
    """What the role may see that docs/howto/observe.md makes."""
    page = (ROOT / "docs" / "howto" / "observe.md").read_text()
    (made,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    role = f"grafana_{os.getpid()}"

    async def ask(database: Database) -> list[Any]:
        await database.execute(made.replace("grafana", role))
        try:
            await database.execute(f"SET ROLE {role}")
            return list(await database.fetch(statement))
        finally:
            await database.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")

    return list(await desk.ask(ask))


@pytest.mark.parametrize("board", BOARDS)
def test_every_variable_has_values(observed: Observed, board: str) -> None:
    for variable in BOARDS[board]["templating"]["list"]:
        if variable["type"] != "query":
            continue
        asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
        assert asked is not None
        metric, label = asked.groups()
        assert observed.prometheus.get(f"label/{label}/values", **{"match[]": _filled(metric)}), variable["name"]


def test_a_slow_action_leads_to_its_trace(observed: Observed) -> None:
    given = {"query": "maildesk_actions_latency_seconds_bucket", "start": 0, "end": 4e9}
    found = observed.prometheus.get("query_exemplars", **given)
    named = {each["labels"]["trace_id"] for series in found for each in series["exemplars"]}

    async def ask(database: Database) -> set[str]:
        rows = await database.fetch("SELECT DISTINCT trace_id FROM audit.execution_log_v1")
        return {row["trace_id"] for row in rows}

    assert named
    assert named <= asyncio.run(observed.live.desk.ask(ask))


def test_prometheus_knows_the_alerts_and_they_are_well(observed: Observed) -> None:
    (group,) = observed.prometheus.get("rules")["groups"]
    (written,) = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yaml").read_text())["groups"]
    assert [rule["name"] for rule in group["rules"]] == [rule["alert"] for rule in written["rules"]]
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}
    assert "ok" in {rule["health"] for rule in group["rules"]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_exports_what_the_catalogue_says(observed: Observed, service: str) -> None:
    declared = metrics_by_service()
    wanted = {metric.name: metric for metric in declared[service]}
    if service in SPOKEN_TO_ODOO:
        wanted |= {metric.name: metric for metric in declared[CONNECTORS]}
    page = observed.live.up.get(service, "/metrics").text
    found = {f"{each.name}_total" if each.type == "counter" else each.name: each for each in _families(page)}
    assert {name: each.type for name, each in found.items()} == {name: each.kind for name, each in wanted.items()}
    for name, family in found.items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert labels <= set(wanted[name].labels), name


def _families(page: str) -> list[Any]:
    return [each for each in text_string_to_metric_families(page) if each.name.startswith("maildesk_")]
