"""What the audit service can be told."""

import re
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from runtime.settings import ServiceSettings

_NAMES = {
    "audit_mail_url": ("mailbox", "message_id", "event_id", "content_uri"),
    "audit_trace_url": ("trace_id",),
}


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
    audit_live: Literal["table", "memory", "off"] = Field(
        default="table",
        description="where the live statistics are kept: in a Faust table, which restarts find again; in memory, for a "
        "broker that has no tables; or not at all",
    )
    audit_mail_url: str = Field(
        default="mid:{message_id}",
        max_length=2_000,
        description="how the log links to a mail: a URL with {message_id} (without brackets), {mailbox}, {event_id} or "
        "{content_uri}; empty: not at all",
    )
    audit_trace_url: str = Field(
        default="",
        max_length=2_000,
        description="how the log links to a trace: a URL with {trace_id}; empty: not at all",
    )

    @field_validator(*_NAMES)
    @classmethod
    def _names_what_is_known(cls, template: str, info: ValidationInfo) -> str:
        known = _NAMES[str(info.field_name)]
        if template and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", template):
            raise ValueError("must be a URL, such as https://traces.example/{trace_id}")
        rest = template
        for name in known:
            rest = rest.replace(f"{{{name}}}", "")
        if "{" in rest or "}" in rest:
            raise ValueError(f"may only name {', '.join(f'{{{name}}}' for name in known)}")
        return template
