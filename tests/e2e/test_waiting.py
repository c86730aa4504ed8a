"""Servers that are yours and away at start are waited for, with a line a try; services say which on /readyz."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connectors.odoo.standin.store import Store
from sandbox.kafka import KafkaServer
from sandbox.kafka_jars import missing_tools
from sandbox.memory_broker import MemoryBroker
from sandbox.ports import free_ports
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, Up, not_ready, page, rules_file
from tests.e2e.mails import deliver, mail, make_maildir, places

RULES = """
mailbox: support
rules:
  - {id: mark, when: {type: subject, contains: [offer]}, actions: [{id: mark, type: tag, add: [Offer]}]}
  - {id: lead, when: {type: subject, contains: [offer]}, actions: [{id: lead, type: crm_lead}]}
"""


def arguments(folder: Path) -> tuple[str, ...]:
    maildir = make_maildir(folder / "mail", [mail("offer-1", "An offer")])
    return ("--mail", f"support={maildir}", "--rules", rules_file(folder / "rules.yaml", RULES))


def waiting_lines(running: Up, what: str) -> list[str]:
    return [line for line in running.said().splitlines() if line.startswith(f"Waiting for {what}")]


@pytest.mark.timeout(240)
def test_up_waits_for_your_kafka(make_desk: MakeDesk, tmp_path: Path) -> None:
    if missing := missing_tools():
        pytest.skip(f"real Kafka needs {' and '.join(missing)}")
    ports = free_ports(2)
    desk = make_desk(f"127.0.0.1:{ports[0]}")
    home = tmp_path / "kafka"
    home.mkdir()
    (home / "ports").write_text(" ".join(map(str, ports)))
    server = KafkaServer(home)
    with desk.started(*arguments(tmp_path), "--exit-when-idle", "--json") as running:
        running.wait(lambda: len(waiting_lines(running, f"Kafka at 127.0.0.1:{ports[0]}")) >= 2, "two tries")
        assert all(line.startswith("Waiting for Kafka") for line in running.said().splitlines()), "one line a try"
        server.start()
        try:
            assert running.result()["log_rows"] == 2
        finally:
            server.stop()


def test_up_waits_for_your_postgres_until_ctrl_c(desk: Desk, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    desk.dsn = f"postgresql://me:hunter2@127.0.0.1:{port}/maildesk"
    with desk.started(*arguments(tmp_path)) as running:
        running.wait(lambda: len(waiting_lines(running, "Postgres, try 2")) == 1, "two tries")
        assert running.end() != 0
    assert "hunter2" not in running.said()
    assert "Traceback" not in running.said()


@pytest.mark.timeout(240)
def test_an_odoo_that_is_away_holds_up_nothing_else(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("memory")
    (port,) = free_ports(1)
    journal = tmp_path / "odoo.journal"
    desk.env |= {"ODOO_DB": "maildesk", "ODOO_LOGIN": "admin", "ODOO_PASSWORD": "admin"}
    standin = [sys.executable, "-m", "connectors.odoo.standin", "--port", str(port), "--state", str(journal)]
    with desk.started(*arguments(tmp_path), "--odoo", f"http://127.0.0.1:{port}", "--exit-when-idle") as running:
        running.wait(lambda: not_ready(running.get("actions", "/readyz")) == {"odoo"}, "/readyz names Odoo")
        running.wait(lambda: "Offer" in places(tmp_path / "mail")["<offer-1@tests.example>"].keywords, "tagged")
        deliver(tmp_path / "mail", mail("offer-2", "Another offer"))
        running.wait(lambda: "Offer" in places(tmp_path / "mail")["<offer-2@tests.example>"].keywords, "tagged, too")
        with subprocess.Popen(standin) as odoo:
            try:
                running.process.wait(120)
            finally:
                odoo.terminate()
    assert running.process.returncode == 0, running.said()
    with closing(Store(journal)) as store:
        assert {lead["name"] for lead in store.tables["crm.lead"].values()} == {"An offer", "Another offer"}


@pytest.fixture(scope="module")
def memory() -> Iterator[str]:
    """A broker that answers."""
    broker = MemoryBroker()
    broker.start()
    yield broker.bootstrap
    broker.stop()


@contextmanager
def service(name: str, log: Path, **settings: str) -> Iterator[int]:
    """A service by itself; the port of its pages."""
    (port,) = free_ports(1)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MAILDESK_")}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{name}"],
            stderr=errors,
            env={**kept, "MAILDESK_HTTP_PORT": str(port), **settings},
        )
        try:
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_tries(log: Path, component: str) -> list[dict[str, object]]:
    """The first three lines about a component."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        entries = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        found = [entry for entry in entries if entry["message"] == f"waiting for {component}"]
        if len(found) >= 3:
            return found[:3]
        time.sleep(0.2)
    raise AssertionError(f"not three tries for {component}:\n{log.read_text()}")


@pytest.mark.parametrize("name", ["ingest", "actions", "audit", "evaluator"])
def test_a_service_names_what_is_away(name: str, memory: str, desk: Desk, tmp_path: Path) -> None:
    assert desk.dsn is not None
    (port,) = free_ports(1)
    away = "kafka" if name == "evaluator" else "postgres"
    settings = {
        "MAILDESK_KAFKA_BOOTSTRAP": f"127.0.0.1:{port}" if away == "kafka" else memory,
        "MAILDESK_POSTGRES_DSN": desk.dsn if away == "kafka" else f"postgresql://127.0.0.1:{port}/maildesk",
    }
    log = tmp_path / f"{name}.log"
    with service(name, log, **settings) as port_of_pages:
        tries = _wait_for_tries(log, away)
        assert [entry["try"] for entry in tries] == [1, 2, 3]
        assert away in not_ready(page(port_of_pages, "/readyz"))
        assert page(port_of_pages, "/healthz").status == 200, "a restart would not bring it back"
