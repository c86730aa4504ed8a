"""The manifests build, are valid for a stated Kubernetes, and are as strict as its restricted profile."""

from collections import Counter
from pathlib import Path

import kubernetes_validate
import pytest

from runtime.service import GRACE_SECONDS
from schemas.topics import TOPICS
from tests.unit.deploy.conftest import Document

KUBERNETES = "1.34"
COMPONENTS = ("ingest", "evaluator", "actions", "audit")


@pytest.fixture(params=COMPONENTS)
def deployment(request: pytest.FixtureRequest, deployments: dict[str, Document]) -> Document:
    return deployments[request.param]


@pytest.fixture
def pod(deployment: Document) -> Document:
    found: Document = deployment["spec"]["template"]["spec"]
    return found


@pytest.fixture
def container(pod: Document) -> Document:
    (found,) = pod["containers"]
    return dict(found)


def test_every_document_is_valid(base: list[Document]) -> None:
    for document in base:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    assert Counter(document["kind"] for document in base) == {
        "ConfigMap": 1,
        "Deployment": 4,
        "NetworkPolicy": 1,
        "PodDisruptionBudget": 4,
        "Service": 4,
        "ServiceAccount": 1,
    }


def test_the_example_overlay_is_valid_too(example: list[Document]) -> None:
    for document in example:
        if document["kind"] != "KafkaTopic":
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
    settings = next(document["data"] for document in example if document["kind"] == "ConfigMap")
    assert settings["MAILDESK_ODOO_URL"] == "https://odoo.example.com"
    assert settings["MAILDESK_HTTP_PORT"] == "8080"
    assert {d["metadata"].get("namespace", "maildesk") for d in example} == {"maildesk"}


def test_topics_are_what_strimzi_takes(example: list[Document]) -> None:
    found = {document["metadata"]["name"]: document for document in example if document["kind"] == "KafkaTopic"}
    assert set(found) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        document = found[topic.name]
        assert document["apiVersion"] == "kafka.strimzi.io/v1"
        assert document["metadata"]["labels"]["strimzi.io/cluster"]
        assert set(document["spec"]) == {"partitions", "replicas", "config"}
        assert document["spec"]["partitions"] == topic.partitions
        assert document["spec"]["config"].items() >= topic.config.items()


def test_every_file_of_the_base_is_used(deploy: Path, files: list[Document]) -> None:
    assert len(files) == 14
    used = {path.name for path in (deploy / "k8s" / "base").iterdir()}
    assert used >= {f"{component}.yaml" for component in COMPONENTS}


def test_names_and_selectors_agree(deployment: Document) -> None:
    labels = deployment["metadata"]["labels"]
    assert deployment["metadata"]["name"] == f"maildesk-{labels['app.kubernetes.io/component']}"
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert deployment["spec"]["template"]["metadata"]["labels"] == labels


def test_every_deployment_has_a_service_and_a_budget(files: list[Document], deployment: Document) -> None:
    labels = deployment["spec"]["selector"]["matchLabels"]
    kinds = {
        document["kind"]
        for document in files
        if document["metadata"]["name"] == deployment["metadata"]["name"]
        and document["kind"] != "Deployment"
        and document["spec"]["selector"] in (labels, {"matchLabels": labels})
    }
    assert kinds == {"Service", "PodDisruptionBudget"}


def test_probes_ask_the_pages_that_a_process_serves(container: Document) -> None:
    (port,) = container["ports"]
    assert port == {"name": "http", "containerPort": 8080}
    probes = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {
        "startupProbe": {"path": "/healthz", "port": "http"},
        "livenessProbe": {"path": "/healthz", "port": "http"},
        "readinessProbe": {"path": "/readyz", "port": "http"},
    }


def test_a_pod_is_there_before_the_one_that_it_replaces_goes(deployment: Document) -> None:
    strategy = deployment["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_a_pod_may_finish_its_work(pod: Document) -> None:
    assert pod["terminationGracePeriodSeconds"] >= GRACE_SECONDS + 15


def test_memory_follows_the_aims(container: Document) -> None:
    """120 MB idle is what the scheduler reserves; 250 MB under load must fit below the limit."""
    requests, limits = container["resources"]["requests"], container["resources"]["limits"]
    assert 120 <= int(requests["memory"].removesuffix("Mi")) <= 160
    assert int(limits["memory"].removesuffix("Mi")) >= 250 * 1.2
    assert "cpu" in requests
    assert "cpu" not in limits, "a CPU limit throttles a burst of mail although the node is idle"


def test_pods_satisfy_the_restricted_profile(pod: Document, container: Document) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 10_000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {volume["name"]: set(volume) for volume in pod["volumes"]}["tmp"] == {"name", "emptyDir"}
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]


def test_no_pod_gets_a_token_of_the_cluster(pod: Document, files: list[Document]) -> None:
    (account,) = (document for document in files if document["kind"] == "ServiceAccount")
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert pod["automountServiceAccountToken"] is account["automountServiceAccountToken"] is False


def test_secrets_are_referred_to_never_held(files: list[Document], deployments: dict[str, Document]) -> None:
    assert not [document for document in files if document["kind"] == "Secret"]
    mounted = {
        name: [v["secret"]["secretName"] for v in found["spec"]["template"]["spec"]["volumes"] if "secret" in v]
        for name, found in deployments.items()
    }
    assert mounted == {"ingest": ["maildesk"], "evaluator": [], "actions": ["maildesk"], "audit": ["maildesk"]}
