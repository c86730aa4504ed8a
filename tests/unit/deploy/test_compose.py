"""Everything on one machine."""

import re

import pytest

from tests.unit.deploy.conftest import Document

SERVICES = ("ingest", "evaluator", "actions", "audit")


def test_the_parts_are_there_and_pinned(compose: Document) -> None:
    services = compose["services"]
    assert set(services) == {"kafka", "postgres", "topics", *SERVICES, "maildesk"}
    assert services["kafka"]["image"] == "apache/kafka:4.1.1"
    assert services["postgres"]["image"] == "postgres:18"
    assert all(re.search(r":\d", service["image"]) for service in services.values())


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
    kept = {volume.split(":")[0] for name in ("kafka", "postgres") for volume in compose["services"][name]["volumes"]}
    assert kept == set(compose["volumes"])
