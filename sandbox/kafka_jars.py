"""Apache Kafka's jars, fetched once by Maven into a cache that every checkout of this user shares."""

import fcntl
import os
import shutil
import subprocess
from importlib import resources
from pathlib import Path

from runtime.errors import TargetDownError

VERSION = "4.1.1"
FETCH_SECONDS = 300


def missing_tools() -> list[str]:
    """What is needed to start Kafka here and is not installed."""
    return [tool for tool in ("java", "mvn") if shutil.which(tool) is None]


def cache_dir() -> Path:
    """`$XDG_CACHE_HOME/maildesk`, else `~/.cache/maildesk`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maildesk"


def fetch_jars() -> Path:
    """The folder with the jars; the first call downloads about 45 MB. Raises TargetDownError with Maven's last line."""
    home = cache_dir() / f"kafka-{VERSION}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "lib").is_dir():
            _download(home)
    return home


def _download(home: Path) -> None:
    (home / "pom.xml").write_text(resources.files("sandbox").joinpath("kafka-pom.xml").read_text())
    fresh = home / "lib.partial"
    shutil.rmtree(fresh, ignore_errors=True)
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(home / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}"],
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no output"]
        raise TargetDownError(f"Maven could not fetch Apache Kafka {VERSION}: {last[0][:300]}", code="kafka-jars")
    fresh.rename(home / "lib")
