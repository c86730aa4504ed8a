"""A real Apache Kafka broker (KRaft, one combined node) as a child process, with its data kept between starts."""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path

from runtime.errors import TargetDownError
from sandbox.child import start_child, stop_child
from sandbox.kafka_jars import fetch_jars
from sandbox.ports import free_ports, is_free

START_SECONDS = 60.0


class KafkaServer:
    """One broker below `home`. `start` again after `stop` or a kill goes on with the same data and address."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def bootstrap(self) -> str:
        """HOST:PORT for clients."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it takes connections. Raises TargetDownError naming the log."""
        jars = fetch_jars()
        properties = self._configure()
        if not (self._home / "data" / "meta.properties").exists():
            self._format(jars, properties)
        archive = [] if _archive(jars).exists() else [f"-XX:ArchiveClassesAtExit={self._fresh_archive}"]
        self._process = start_child(
            [*_java(jars, self._home, archive), "kafka.Kafka", str(properties)],
            log=self._log,
            death_signal=signal.SIGKILL,
        )
        self._await_port()

    def stop(self) -> None:
        """Shut down in order."""
        if self._process is not None:
            stop_child(self._process, 30)
            self._process = None
            if self._fresh_archive.exists():
                shutil.move(self._fresh_archive, _archive(fetch_jars()))

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    @property
    def _log(self) -> Path:
        return self._home / "kafka.log"

    @property
    def _fresh_archive(self) -> Path:
        return self._home / "classes.jsa"

    def _configure(self) -> Path:
        self._home.mkdir(parents=True, exist_ok=True)
        remembered = self._home / "ports"
        ports = [int(word) for word in remembered.read_text().split()] if remembered.exists() else []
        if len(ports) != 2 or not all(is_free(port) for port in ports):
            ports = free_ports(2)
            remembered.write_text(" ".join(map(str, ports)))
        self.port, controller = ports
        path = self._home / "server.properties"
        path.write_text("\n".join(f"{name}={value}" for name, value in self._properties(controller).items()) + "\n")
        return path

    def _properties(self, controller: int) -> dict[str, str]:
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self._home / "data"),
            "auto.create.topics.enable": "false",
            "message.max.bytes": str(8 * 1024 * 1024),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "2",
            "share.coordinator.state.topic.replication.factor": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "log.segment.bytes": str(64 * 1024 * 1024),
            "num.network.threads": "2",
            "num.io.threads": "2",
        }

    def _format(self, jars: Path, properties: Path) -> None:
        halved = uuid.UUID(int=uuid.uuid4().int >> 1)  # its text never begins with "-", an option
        cluster = urlsafe_b64encode(halved.bytes).decode().rstrip("=")
        done = subprocess.run(
            [*_java(jars, self._home), "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise TargetDownError(f"Kafka's storage could not be formatted: {done.stderr[-300:]}", code="kafka-start")

    def _await_port(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise TargetDownError(f"Kafka did not start; its log is {self._log}", code="kafka-start")


def _archive(jars: Path) -> Path:
    return jars / "classes.jsa"


def _java(jars: Path, home: Path, extra: Sequence[str] = ()) -> list[str]:
    """A small JVM; the class-data archive, made at the first orderly stop, halves every later start."""
    heap = os.environ.get("MAILDESK_SANDBOX_KAFKA_HEAP", "256m")
    sharing = [f"-XX:SharedArchiveFile={_archive(jars)}", "-Xshare:auto"] if _archive(jars).exists() else []
    return [
        "java",
        f"-Xmx{heap}",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *sharing,
        *extra,
        f"-Dkafka.logs.dir={home}",
        "-cp",
        f"{jars}/lib/*",
    ]
