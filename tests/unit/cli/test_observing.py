"""`up --observe` without a Prometheus, or with one that does not start, says so and leaves nothing behind."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app
from cli.observing import observe
from runtime.errors import TargetDownError
from sandbox.prometheus import PrometheusServer


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where programs are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path, text: str) -> None:
    """A Prometheus that does this."""
    file = path / "prometheus"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.mark.usefixtures("path")
def test_without_prometheus_it_says_what_to_install_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILDESK_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "300")
    ran = CliRunner().invoke(app, ["up", "--observe"])
    assert ran.exit_code == 2
    (line,) = ran.output.strip().splitlines()
    assert "sudo apt-get install prometheus" in line
    assert not (tmp_path / "state").exists()


async def test_one_that_does_not_start_names_its_log(path: Path, tmp_path: Path) -> None:
    program(path, "echo 'cannot lock the folder'; exit 1")
    home = tmp_path / "home"
    with pytest.raises(TargetDownError, match=str(home / "prometheus.log")):
        async with observe(home, {"ingest": 1}, lambda _: None):
            pytest.fail("it does not run")
    assert "cannot lock" in (home / "prometheus.log").read_text()


def test_one_that_never_answers_is_given_up_and_ended(path: Path, tmp_path: Path) -> None:
    program(path, f"echo $$ > {tmp_path / 'pid'}; exec /bin/sleep 60")
    server = PrometheusServer(tmp_path / "home", 1, {}, None)
    server.start()
    try:
        with pytest.raises(TargetDownError):
            server.wait_ready(0.3)
    finally:
        server.stop()
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_its_targets_have_the_labels_that_alerts_ask_for(path: Path, tmp_path: Path) -> None:
    program(path, "exit 0")
    rules = tmp_path / "rules.yaml"
    server = PrometheusServer(tmp_path / "home", 1, {"ingest": 8081, "audit": 8082}, rules)
    server.start()
    server.stop()
    made = yaml.safe_load((tmp_path / "home" / "prometheus.yml").read_text())
    (scraped,) = made["scrape_configs"]
    assert scraped["job_name"] == "maildesk"
    assert scraped["static_configs"] == [
        {"targets": ["127.0.0.1:8081"], "labels": {"service": "ingest"}},
        {"targets": ["127.0.0.1:8082"], "labels": {"service": "audit"}},
    ]
    assert made["rule_files"] == [str(rules)]
