"""The parts that a local platform stands on: yours where given, embedded ones otherwise."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from cli.patience import patiently
from cli.state_dir import StateDir
from runtime.errors import InvalidInputError
from runtime.settings import configured_dsn
from sandbox.broker import MEMORY, Broker, given_broker, start_broker
from sandbox.ports import free_ports
from sandbox.postgres import PostgresServer, given_dsn

STANDIN_PASSWORD = "admin"  # noqa: S105 - the stand-in's fixed login, reachable from this machine only


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line gave; None: embedded."""

    kafka: str | None = None
    postgres: str | None = None
    odoo: str | None = None


@dataclass(frozen=True, slots=True)
class OdooPart:
    """Which Odoo the actions use. `command`: how to start the stand-in; empty when it is yours."""

    line: str
    env: dict[str, str]
    command: tuple[str, ...] = ()


@dataclass(slots=True)
class Parts:
    """Parts that answer (the Odoo stand-in is started with the services)."""

    dsn: str
    broker: Broker
    odoo: OdooPart
    lines: list[str]
    postgres: PostgresServer | None = None

    def stop(self) -> None:
        """Stop what is ours."""
        self.broker.stop()
        if self.postgres is not None:
            self.postgres.stop()

    @property
    def env(self) -> dict[str, str]:
        """The settings of every service."""
        parts = {"MAILDESK_KAFKA_BOOTSTRAP": self.broker.bootstrap, "MAILDESK_POSTGRES_DSN": self.dsn}
        return parts if self.broker.name else {**parts, "MAILDESK_AUDIT_LIVE": "memory"}


def start_parts(state: StateDir, given: Given) -> Parts:
    """Start or find everything, waiting for what is yours. Raises TargetDownError for a part that stays away,
    InvalidInputError.
    """
    odoo = _odoo(state.path, given.odoo or os.environ.get("MAILDESK_ODOO_URL"))
    postgres, dsn, line = _postgres(state.path, given.postgres or configured_dsn() or given_dsn())
    try:
        broker = _broker(state.path, given.kafka or os.environ.get("MAILDESK_KAFKA_BOOTSTRAP"))
    except BaseException:
        if postgres is not None:
            postgres.stop()
        raise
    return Parts(dsn, broker, odoo, [broker.line, line, odoo.line], postgres)


def _broker(home: Path, given: str | None) -> Broker:
    if given and given != MEMORY:
        return asyncio.run(patiently(f"Kafka at {given}", lambda: given_broker(given)))
    return start_broker(given, home / "kafka")


def _postgres(home: Path, dsn: str | None) -> tuple[PostgresServer | None, str, str]:
    if dsn:
        return None, dsn, "Postgres: yours"
    server = PostgresServer(home / "postgres")
    server.start()
    return server, server.dsn, f"Postgres: embedded, data in {home / 'postgres'}"


def _odoo(home: Path, url: str | None) -> OdooPart:
    if url:
        return OdooPart(f"Odoo: yours at {url}", _odoo_login(url))
    port = free_ports(1)[0]
    env = {
        "MAILDESK_ODOO_URL": f"http://127.0.0.1:{port}",
        "MAILDESK_ODOO_DB": "maildesk",
        "MAILDESK_ODOO_LOGIN": "admin",
        "MAILDESK_SECRET_ODOO_PASSWORD": STANDIN_PASSWORD,
    }
    journal = home / "odoo.journal"
    command = ("-m", "connectors.odoo.standin", "--port", str(port), "--state", str(journal))
    return OdooPart(f"Odoo: a small stand-in, records in {journal}; it has no web pages", env, command)


def _odoo_login(url: str) -> dict[str, str]:
    names = {
        "MAILDESK_ODOO_DB": "ODOO_DB",
        "MAILDESK_ODOO_LOGIN": "ODOO_LOGIN",
        "MAILDESK_SECRET_ODOO_PASSWORD": "ODOO_PASSWORD",
    }
    env = {ours: os.environ.get(ours) or os.environ.get(plain, "") for ours, plain in names.items()}
    if missing := [name for name, value in env.items() if not value]:
        raise InvalidInputError(f"--odoo {url} needs {', '.join(missing)} in the environment")
    return {"MAILDESK_ODOO_URL": url, **env}
