"""What the component that lets Odoo call builds to."""

import os
from pathlib import Path

import pytest
import yaml

from cli.generate.repository import ROOT
from tests.unit.deploy.conftest import Document, documents
from tests.unit.deploy.kustomize import kustomize


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """The base with the component."""
    overlay = tmp_path_factory.mktemp("overlay")
    k8s = Path(os.path.relpath(ROOT / "deploy" / "k8s", overlay.resolve()))
    made = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [str(k8s / "base")],
        "components": [str(k8s / "components" / "odoo-hook")],
    }
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(made))
    return documents(kustomize(overlay))


def test_ingest_alone_listens_where_service_and_policy_lead(built: list[Document]) -> None:
    named = {(document["kind"], document["metadata"]["name"]): document for document in built}
    listening = {}
    for (kind, name), document in named.items():
        if kind == "Deployment":
            container = document["spec"]["template"]["spec"]["containers"][0]
            env = {each["name"]: each["value"] for each in container.get("env", ())}
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            if "MAILDESK_INGEST_HOOK_PORT" in env:
                listening[name] = (int(env["MAILDESK_INGEST_HOOK_PORT"]), ports["hook"])
    assert listening == {"maildesk-ingest": (8081, 8081)}
    service = named["Service", "maildesk-odoo-hook"]["spec"]
    policy = named["NetworkPolicy", "maildesk-odoo-hook"]["spec"]
    assert service["ports"][0]["targetPort"] == "hook"
    assert policy["ingress"][0]["ports"][0]["port"] == 8081
    pod = named["Deployment", "maildesk-ingest"]["spec"]["template"]["metadata"]["labels"].items()
    assert service["selector"].items() <= pod
    assert policy["podSelector"]["matchLabels"].items() <= pod
