"""Alerts: each is tested firing and not firing, has a runbook, and asks for metrics that there are."""

import re
import shutil
import subprocess
from collections import defaultdict
from typing import Any

import pytest
import yaml

from cli.generate.discovery import metrics_by_service
from cli.generate.repository import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"]
    for rule in group["rules"]
}
SECTIONS = ("## What it means", "## What users feel", "## What to look at", "## Remedy")
NAMED = re.compile(r"maildesk_[a-z0-9_]+")
PATTERN = re.compile(r'__name__=~"([^"]+)"')


@pytest.mark.parametrize("command", [("check", "rules", "rules.yaml"), ("test", "rules", "rules-test.yaml")])
def test_promtool_agrees(command: tuple[str, ...]) -> None:
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("alerts are tested with promtool: apt-get install prometheus")
    done = subprocess.run([promtool, *command], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_each_is_tested_firing_and_not_firing() -> None:
    seen: dict[str, set[bool]] = defaultdict(set)
    for test in yaml.safe_load((FOLDER / "rules-test.yaml").read_text())["tests"]:
        for case in test["alert_rule_test"]:
            seen[case["alertname"]].add(bool(case["exp_alerts"]))
    assert seen == {name: {True, False} for name in RULES}


@pytest.mark.parametrize("name", RULES)
def test_each_says_what_and_has_a_runbook(name: str) -> None:
    rule = RULES[name]
    assert name.startswith("Maildesk")
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    runbook = (ROOT / rule["annotations"]["runbook_url"]).read_text()
    assert f"Alert `{name}`" in runbook
    assert [line for line in runbook.splitlines() if line in SECTIONS] == list(SECTIONS)
    assert "```sh" in runbook


def test_each_runbook_has_its_alert() -> None:
    named = {rule["annotations"]["runbook_url"] for rule in RULES.values()}
    assert named == {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "runbooks").glob("*.md")}


@pytest.mark.parametrize("name", RULES)
def test_each_asks_for_metrics_that_there_are(name: str) -> None:
    expression = RULES[name]["expr"]
    declared = {metric.name for found in metrics_by_service().values() for metric in found}
    patterns = PATTERN.findall(expression)
    assert all(any(re.fullmatch(pattern, metric) for metric in declared) for pattern in patterns)
    assert set(NAMED.findall(PATTERN.sub("", expression))) <= declared
    assert patterns or NAMED.search(expression) or "up{" in expression
