"""Everything on one machine."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.unit.deploy.conftest import Document

SERVICES = ("ingest", "evaluator", "actions", "audit")
OBSERVING = ("prometheus", "grafana")


def test_the_parts_are_there_and_pinned(compose: Document) -> None:
    services = compose["services"]
    assert set(services) == {"kafka", "postgres", "topics", *SERVICES, "maildesk", *OBSERVING}
    assert services["kafka"]["image"] == "apache/kafka:4.1.1"
    assert services["postgres"]["image"] == "postgres:18"
    assert all(re.search(r":v?\d", service["image"]) for service in services.values())


@pytest.mark.parametrize("name", SERVICES)
def test_services_wait_for_what_they_need(compose: Document, name: str) -> None:
    service = compose["services"][name]
    assert service["command"] == [name]
    assert service["depends_on"] == {
        "kafka": {"condition": "service_healthy"},
        "postgres": {"condition": "service_healthy"},
        "topics": {"condition": "service_completed_successfully"},
    }
    assert "/readyz" in service["healthcheck"]["test"][-1]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_confined(compose: Document, name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "ports" not in service
    assert service["stop_grace_period"] == "45s"


def test_everything_that_keeps_running_has_a_health_check(compose: Document) -> None:
    for name, service in compose["services"].items():
        if service.get("restart") != "no":
            assert service["healthcheck"].get("test"), name


def test_state_is_kept_in_volumes(compose: Document) -> None:
    holders = ("kafka", "postgres", *OBSERVING)
    mounts = [volume.split(":")[0] for name in holders for volume in compose["services"][name]["volumes"]]
    assert {mount for mount in mounts if not mount.startswith("./")} == set(compose["volumes"])


@pytest.mark.parametrize("name", OBSERVING)
def test_who_observes_is_asked_for_and_seen_from_this_machine_only(compose: Document, deploy: Path, name: str) -> None:
    service = compose["services"][name]
    assert service["profiles"] == ["observe"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["cap_drop"] == ["ALL"]
    for volume in service["volumes"]:
        source, _, rest = volume.partition(":")
        assert not source.startswith("./") or ((deploy / source).exists() and rest.endswith(":ro"))


def test_prometheus_scrapes_every_service_with_the_labels_that_alerts_ask_for(deploy: Path) -> None:
    (job,) = yaml.safe_load((deploy / "prometheus" / "compose.yaml").read_text())["scrape_configs"]
    assert job["job_name"] == "maildesk"
    assert job["static_configs"] == [{"targets": [f"{name}:8080"], "labels": {"service": name}} for name in SERVICES]


def test_grafana_has_the_kinds_of_data_sources_that_dashboards_ask_for(deploy: Path) -> None:
    given = yaml.safe_load((deploy / "grafana" / "provisioning" / "datasources.yaml").read_text())["datasources"]
    asked = {
        variable["query"]
        for path in (deploy / "grafana").glob("*.json")
        for variable in json.loads(path.read_text())["templating"]["list"]
        if variable["type"] == "datasource"
    }
    assert {source["type"] for source in given} == asked
