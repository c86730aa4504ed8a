"""What the components for Prometheus and Grafana build to."""

import os
from pathlib import Path

import pytest
import yaml

from cli.generate.repository import ROOT
from tests.unit.deploy.conftest import Document, documents
from tests.unit.deploy.kustomize import kustomize

CRDS = ROOT.parent / "shared" / "crds"
COMPONENTS = ("prometheus-rules", "pod-monitor", "grafana-dashboards")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """The base with all components."""
    overlay = tmp_path_factory.mktemp("overlay")
    k8s = Path(os.path.relpath(ROOT / "deploy" / "k8s", overlay.resolve()))
    made = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "maildesk",
        "resources": [str(k8s / "base")],
        "components": [str(k8s / "components" / name) for name in COMPONENTS],
    }
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(made))
    return documents(kustomize(overlay))


@pytest.mark.parametrize("kind", ["PrometheusRule", "PodMonitor"])
def test_the_operator_takes_them(built: list[Document], kind: str) -> None:
    (found,) = [document for document in built if document["kind"] == kind]
    file = CRDS / f"monitoring.coreos.com_{kind.lower()}s.yaml"
    if not file.exists():
        pytest.skip(f"the definition of {kind} is not beside the repository: {file}")
    (version,) = yaml.safe_load(file.read_text())["spec"]["versions"]
    assert found["apiVersion"] == f"monitoring.coreos.com/{version['name']}"
    validator = pytest.importorskip("jsonschema").Draft202012Validator(_closed(version["schema"]["openAPIV3Schema"]))
    assert not [error.message for error in validator.iter_errors(found)]
    assert list(validator.iter_errors({**found, "spec": {"unheard-of": 1}}))


def test_the_monitor_sees_every_service(built: list[Document]) -> None:
    (monitor,) = [document for document in built if document["kind"] == "PodMonitor"]
    selected = monitor["spec"]["selector"]["matchLabels"].items()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    pods = [document["spec"]["template"] for document in built if document["kind"] == "Deployment"]
    assert len(pods) == 4
    for pod in pods:
        assert selected <= pod["metadata"]["labels"].items()
        assert endpoint["port"] in [port["name"] for port in pod["spec"]["containers"][0]["ports"]]


def test_the_dashboards_are_found_by_a_sidecar(built: list[Document]) -> None:
    found = [document for document in built if document["metadata"].get("labels", {}).get("grafana_dashboard") == "1"]
    files = {name for document in found for name in document["data"]}
    assert files == {path.name for path in (ROOT / "deploy" / "grafana").glob("*.json")}
    assert all(document["kind"] == "ConfigMap" for document in found)
    assert max(len(str(document)) for document in found) < 1_000_000


def _closed(schema: Document) -> Document:
    """The schema, refusing properties that it does not name, as the API server prunes them away."""
    closed = dict(schema)
    if "properties" in schema:
        closed["properties"] = {name: _closed(each) for name, each in schema["properties"].items()}
        if schema.get("type") == "object" and "additionalProperties" not in schema and schema["properties"]:
            closed["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    if isinstance(schema.get("items"), dict):
        closed["items"] = _closed(schema["items"])
    return closed
