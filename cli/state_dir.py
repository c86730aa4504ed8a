"""The folder where a local platform keeps its data, and the note about the one that is running there."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from runtime.errors import InvalidInputError

DEFAULT = ".maildesk"


@dataclass(frozen=True, slots=True)
class Running:
    """Where the parts of a running platform are. `services`: name to the port of its health pages."""

    pid: int
    kafka: str
    postgres: str
    services: dict[str, int] = field(default_factory=dict)


class StateDir:
    """`MAILDESK_STATE_DIR`, else `.maildesk` in the current folder."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = (path or Path(os.environ.get("MAILDESK_STATE_DIR", DEFAULT))).absolute()

    def running(self) -> Running | None:
        """The platform that runs on this state now, if one does."""
        note = self.path / "up.json"
        if not note.exists() or not self._locked():
            return None
        return Running(**json.loads(note.read_text()))

    def announce(self, running: Running) -> None:
        """Tell other commands where everything is."""
        note = self.path / "up.json"
        note.touch(mode=0o600)
        note.write_text(json.dumps(asdict(running)))

    @property
    def broker(self) -> str:
        """The name of the broker that got all rules and unfinished mail last; empty when none did."""
        note = self.path / "broker"
        return note.read_text() if note.exists() else ""

    @broker.setter
    def broker(self, name: str) -> None:
        (self.path / "broker").write_text(name)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the state for one platform. Raises InvalidInputError when another one has it."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "up.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InvalidInputError(
                    f"another maildesk up runs on {self.path}; stop it, or give another folder in MAILDESK_STATE_DIR",
                    code="state-in-use",
                ) from None
            try:
                yield
            finally:
                (self.path / "up.json").unlink(missing_ok=True)

    def _locked(self) -> bool:
        try:
            with (self.path / "up.lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False
