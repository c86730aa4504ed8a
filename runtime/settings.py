"""Settings: environment variables `MAILDESK_…`, each with its meaning. Secrets are read by name, never logged."""

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.errors import InvalidInputError

PREFIX = "MAILDESK_"
DSN_SECRET = "POSTGRES_DSN"  # noqa: S105 - the name of a secret


class ServiceSettings(BaseSettings):
    """What every service reads. A service adds its own in a subclass."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")
    service: ClassVar[str] = ""

    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="Kafka brokers, HOST:PORT, comma separated")
    postgres_dsn: SecretStr = Field(
        default=SecretStr("postgresql://127.0.0.1:5432/maildesk"),
        description="Postgres connection URI; when it is not set, the secret `POSTGRES_DSN` if there is one",
    )
    postgres_pool: int = Field(default=8, ge=1, le=100, description="connections a process keeps to Postgres at most")
    http_host: str = Field(default="127.0.0.1", description="address that /metrics, /healthz, /readyz listen on")
    http_port: int = Field(default=0, ge=0, le=65535, description="their port; 0: any free one, written to the log")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least level logged")
    otlp_endpoint: str = Field(default="", description="OTLP/HTTP traces URL; empty: traces are not exported")
    trace_ratio: float = Field(default=1.0, ge=0, le=1, description="share of mails whose trace is recorded")
    secrets_dir: Path = Field(
        default=Path("/run/secrets/maildesk"), description="files named like the secrets they hold"
    )

    @model_validator(mode="before")
    @classmethod
    def _dsn_from_its_secret(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "postgres_dsn" in given:
            return given
        folder = Path(given.get("secrets_dir", cls.model_fields["secrets_dir"].default))
        try:
            return {**given, "postgres_dsn": read_secret(DSN_SECRET, folder)}
        except InvalidInputError:
            return given


def configured_dsn() -> str | None:
    """The Postgres URI that the environment or a secret gives; None where the default would apply."""
    settings = ServiceSettings()
    return settings.postgres_dsn.get_secret_value() if "postgres_dsn" in settings.model_fields_set else None


def read_secret(name: str, secrets_dir: Path) -> str:
    """The value of a secret: `MAILDESK_SECRET_<NAME>`, else the file `<secrets_dir>/<NAME>`.

    Raises InvalidInputError that names both places when neither is there.
    """
    if (value := os.environ.get(f"{PREFIX}SECRET_{name}")) is not None:
        return value
    path = secrets_dir / name
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise InvalidInputError(
            f"secret {name} is missing: set {PREFIX}SECRET_{name}, or put it into the file {path}",
            code="secret-missing",
        ) from error
