"""Few logins to one server at once: a process that starts with hundreds of accounts must not storm it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from runtime.errors import TargetDownError

AT_ONCE: Final = 10
"""To one server, from one process."""
PATIENCE_SECONDS: Final = 120.0
"""Who waits longer gives up for now, and comes back with its own backoff."""


class Logins:
    """The logins of one process. Threads wait; a server that is slow holds up only its own accounts."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._at_once = at_once
        self._patience = patience
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, int], threading.BoundedSemaphore] = {}

    @contextmanager
    def turn(self, host: str, port: int) -> Iterator[None]:
        """Connect and log in inside. Raises TargetDownError `imap-connect` when too many are before this one."""
        with self._lock:
            server = self._servers.setdefault((host, port), threading.BoundedSemaphore(self._at_once))
        if not server.acquire(timeout=self._patience):
            raise TargetDownError(
                f"{host}:{port} is slow to log in: {self._at_once} others are waited for; tried again later",
                code="imap-connect",
            )
        try:
            yield
        finally:
            server.release()


LOGINS: Final = Logins()
"""Of this process."""
