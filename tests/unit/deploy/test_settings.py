"""Every MAILDESK_ variable in manifests, compose and image is one that a service reads, with a value it takes."""

import re
from pathlib import Path

import pytest

from cli.generate.discovery import settings_classes
from cli.generate.settings import SECRET_PREFIX, known_variables
from runtime.settings import ServiceSettings
from tests.unit.deploy.conftest import DEPLOY, Document

FILES = sorted(
    path.relative_to(DEPLOY).as_posix()
    for path in DEPLOY.rglob("*")
    if path.suffix in (".yaml", ".env") or path.name == "Dockerfile"
)
ENVIRONMENT_FILE = DEPLOY / "k8s" / "base" / "settings.env"


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_a_setting(name: str) -> None:
    named = set(re.findall(r"\bMAILDESK_[A-Z0-9_]+", (DEPLOY / name).read_text()))
    unknown = {variable for variable in named - known_variables() if not variable.startswith(SECRET_PREFIX)}
    assert not unknown, f"deploy/{name} sets what no service reads: {', '.join(sorted(unknown))}"


@pytest.fixture
def base_settings() -> dict[str, str]:
    lines = [line for line in ENVIRONMENT_FILE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("service", ["", *settings_classes()])
def test_the_base_s_values_are_taken(
    service: str, base_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in base_settings.items():
        monkeypatch.setenv(name, value)
    settings = settings_classes().get(service, ServiceSettings)()
    assert (settings.http_host, settings.http_port) == ("0.0.0.0", 8080)  # noqa: S104 - probes come from outside


def test_base_and_overlay_hold_no_secret(base_settings: dict[str, str]) -> None:
    assert not [name for name in base_settings if name.startswith(SECRET_PREFIX) or "DSN" in name]


def test_compose_holds_no_secret(compose: Document, deploy: Path) -> None:
    variables = {name for service in compose["services"].values() for name in service.get("environment", {})}
    assert not [name for name in variables if "PASSWORD" in name and not name.endswith("_FILE")]
    assert not [name for name in variables if name.startswith(SECRET_PREFIX) or "DSN" in name]
    assert (deploy / "secrets" / ".gitignore").read_text().splitlines()[-2:] == ["*", "!.gitignore"]
