"""The image: pinned by hash, without build tools, without root."""

import re
from pathlib import Path

import pytest

from cli.generate.repository import ROOT

Stages = list[list[str]]


@pytest.fixture
def text(deploy: Path) -> str:
    return (deploy / "Dockerfile").read_text().replace("\\\n", " ")


@pytest.fixture
def stages(text: str) -> Stages:
    """The instructions of each stage."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: Stages = []
    for line in lines:
        if line.startswith("FROM "):
            found.append([])
        found[-1].append(line)
    return found


def test_both_stages_stand_on_the_same_python(stages: Stages) -> None:
    assert [stage[0].split()[1] for stage in stages] == ["python:3.11-slim"] * 2


def test_everything_from_a_registry_is_pinned_by_hash(text: str) -> None:
    for install in re.findall(r"pip install ([^&\n]*)", text):
        assert "--require-hashes" in install or "--no-index" in install
        assert "--only-binary=:all:" in install or "--no-index" in install
    assert "--no-build-isolation" in text


@pytest.mark.parametrize("name", ["requirements.lock", "deploy/build-requirements.lock"])
def test_locks_are_complete_and_name_no_registry(name: str) -> None:
    lock = (ROOT / name).read_text()
    pinned = re.findall(r"^[a-zA-Z0-9_.-]+==", lock, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\S.*\\\n    --hash=sha256:", lock, re.MULTILINE))
    assert "://" not in lock


def test_the_last_stage_has_no_build_tools(stages: Stages) -> None:
    last = "\n".join(stages[-1])
    assert "pip install" not in last
    assert "apt-get" not in last
    assert "pip uninstall --yes pip setuptools" in "\n".join(stages[0])


def test_it_runs_as_nobody_special(stages: Stages) -> None:
    users = [line for line in stages[-1] if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]


def test_it_is_the_command(stages: Stages) -> None:
    assert 'ENTRYPOINT ["maildesk"]' in stages[-1]
    assert "EXPOSE 8080" in stages[-1]
    assert not [line for line in stages[-1] if line.startswith("HEALTHCHECK")]


def test_every_package_is_copied_and_not_hidden(stages: Stages, deploy: Path) -> None:
    copied = {match.group(1) for line in stages[0] if (match := re.fullmatch(r"COPY (\w+) \1", line))}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    shown = {line[1:] for line in (deploy / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied == packages
    assert packages <= shown
