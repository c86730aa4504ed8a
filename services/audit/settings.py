"""What the audit service can be told."""

from typing import ClassVar

from pydantic import Field

from runtime.settings import ServiceSettings


class AuditSettings(ServiceSettings):
    """Settings of `audit`; times are in seconds."""

    service: ClassVar[str] = "audit"

    audit_batch: int = Field(default=500, ge=1, le=5_000, description="records written to Postgres at once at most")
    audit_within: float = Field(
        default=0.2, gt=0, le=60, description="seconds after which a batch that is not full is written"
    )
    audit_retry: float = Field(
        default=60.0,
        ge=0,
        le=600,
        description="seconds a batch is tried again while Postgres or Kafka is away; then the process exits with 75",
    )
    audit_session: float = Field(
        default=10.0,
        ge=1,
        le=300,
        description="seconds without a heartbeat after which Kafka gives the partitions to another process",
    )
    audit_months_ahead: int = Field(
        default=2, ge=1, le=24, description="months for which partitions are made before they begin"
    )
    audit_retention_months: int = Field(
        default=0, ge=0, le=1_200, description="whole months that the log is kept; 0: for ever"
    )
