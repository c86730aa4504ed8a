"""A Prometheus of our own, beside the services: finds the program, writes its configuration, starts and stops it."""

import http.client
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from runtime.errors import InvalidInputError, TargetDownError
from sandbox.child import start_child, stop_child

PROGRAM = "prometheus"
REMEDY = "Prometheus is not installed: sudo apt-get install prometheus (a prometheus on PATH is enough)"
SCRAPE_SECONDS = 2
START_SECONDS = 30.0
STOP_SECONDS = 10.0


def find_prometheus() -> str:
    """The program on PATH. Raises InvalidInputError that says what to install."""
    if (found := shutil.which(PROGRAM)) is None:
        raise InvalidInputError(REMEDY, code="prometheus-missing")
    return found


class PrometheusServer:
    """Scrapes ports of this machine. `services`: by name; `rules`: a file of alerts, None for none.

    Files `targets/*.yaml` in its folder add targets while it runs (Prometheus: `file_sd_configs`).
    """

    def __init__(self, home: Path, port: int, services: Mapping[str, int], rules: Path | None) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._services = services
        self._rules = rules
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.home / "prometheus.log"

    def start(self) -> None:
        """Start it, from the main thread (sandbox/child.py says why). Raises InvalidInputError when there is none."""
        program = find_prometheus()
        (self.home / "targets").mkdir(parents=True, exist_ok=True)
        configuration = self.home / "prometheus.yml"
        configuration.write_text(yaml.safe_dump(self._configuration(), sort_keys=False))
        command = [
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={self.home / 'data'}",
            "--storage.tsdb.retention.time=7d",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]
        self._process = start_child(command, log=self.log, death_signal=signal.SIGTERM)

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Block until it answers. Raises TargetDownError, naming its log, when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise TargetDownError(f"Prometheus does not start; its log is {self.log}", code="prometheus-down")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it; nothing happens when it has ended."""
        if self._process is not None:
            stop_child(self._process, STOP_SECONDS)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/-/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _configuration(self) -> dict[str, object]:
        targets = [
            {"targets": [f"127.0.0.1:{port}"], "labels": {"service": name}} for name, port in self._services.items()
        ]
        more = [{"files": [str(self.home / "targets" / "*.yaml")], "refresh_interval": "5s"}]
        every = f"{SCRAPE_SECONDS}s"
        return {
            "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
            "rule_files": [str(self._rules)] if self._rules else [],
            "scrape_configs": [{"job_name": "maildesk", "static_configs": targets, "file_sd_configs": more}],
        }
