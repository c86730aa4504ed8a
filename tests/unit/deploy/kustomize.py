"""Finds kustomize: inside kubectl, by itself, or built once from its Go module."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULE = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.1"
CACHE = Path(__file__).resolve().parents[3] / ".maildesk" / "tools"
REMEDY = f"needs kubectl, kustomize, or Go to build {MODULE}; install one of them"


def kustomize(folder: Path) -> str:
    """The manifests that a folder stands for. Skips the test, with the remedy, when nothing can build them."""
    done = subprocess.run([*_command(), str(folder)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _command() -> list[str]:
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    if found := shutil.which("kustomize") or shutil.which("kustomize", path=CACHE):
        return [found, "build"]
    if not (go := shutil.which("go")):
        pytest.skip(REMEDY)
    CACHE.mkdir(parents=True, exist_ok=True)
    built = subprocess.run(
        [go, "install", MODULE],
        env={**os.environ, "GOBIN": str(CACHE), "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"{REMEDY} (go install failed: {built.stderr.strip()[-200:]})")
    return [str(CACHE / "kustomize"), "build"]
