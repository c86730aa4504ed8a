"""The manifests as tests see them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.generate.repository import ROOT
from tests.unit.deploy.kustomize import kustomize

DEPLOY = ROOT / "deploy"
Document = dict[str, Any]


def documents(text: str) -> list[Document]:
    """The documents of a YAML stream."""
    return [found for found in yaml.safe_load_all(text) if found]


@pytest.fixture(scope="session")
def deploy() -> Path:
    return DEPLOY


@pytest.fixture(scope="session")
def base() -> list[Document]:
    """What `deploy/k8s/base` builds to."""
    return documents(kustomize(DEPLOY / "k8s" / "base"))


@pytest.fixture(scope="session")
def example() -> list[Document]:
    """What the example overlay builds to, topics included."""
    return documents(kustomize(DEPLOY / "k8s" / "overlays" / "example"))


@pytest.fixture(scope="session")
def files() -> list[Document]:
    """The base's documents as they are in their files, which needs no kustomize."""
    folder = DEPLOY / "k8s" / "base"
    names = list(documents((folder / "kustomization.yaml").read_text())[0]["resources"])
    return [found for name in names for found in documents((folder / name).read_text())]


@pytest.fixture(scope="session")
def deployments(files: list[Document]) -> dict[str, Document]:
    """The services' Deployments by component."""
    return {
        found["metadata"]["labels"]["app.kubernetes.io/component"]: found
        for found in files
        if found["kind"] == "Deployment"
    }


@pytest.fixture(scope="session")
def compose() -> Document:
    loaded: Document = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded
