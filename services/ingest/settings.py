"""What the ingest service can be told."""

import socket
from typing import ClassVar

from pydantic import Field

from connectors.odoo.settings import OdooSettings


class IngestSettings(OdooSettings):
    """Settings of `ingest`; times are in seconds."""

    service: ClassVar[str] = "ingest"

    ingest_mailboxes: str = Field(
        default="", description="ids of the mailboxes that this process may read, comma separated; empty: all"
    )
    ingest_worker: str = Field(
        default_factory=socket.gethostname,
        min_length=1,
        max_length=200,
        description="stable name of this process; restarted, it reads its own mailboxes at once (default: host name)",
    )
    ingest_lease_seconds: float = Field(
        default=30.0,
        ge=3,
        le=3600,
        description="after so long without a sign of life, the mailboxes of a process are read by others",
    )
    ingest_poll: float = Field(
        default=2.0,
        gt=0,
        le=3600,
        description="seconds between two looks at a mailbox that tells of no new mail; more when looking takes long",
    )
    ingest_net: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="seconds between two looks at a mailbox that tells of new mail (IMAP IDLE), as a safety net",
    )
    ingest_hook_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="port where Odoo may say that something is new (needs the secret `ODOO_HOOK_TOKEN`); 0: none",
    )
    ingest_retry_longest: float = Field(
        default=60.0, gt=0, le=3600, description="seconds between two tries of a mailbox that stays away, at most"
    )
    ingest_backlog_rate: float = Field(
        default=50.0,
        gt=0,
        le=10_000,
        description="events per second that a process hands to rules in all backlogs together, at most",
    )

    ingest_facts_timeout: float = Field(
        default=5.0,
        gt=0,
        le=300,
        description="seconds that new mail waits for what rules need of Odoo; then its other rules are decided first",
    )

    def reads(self, mailbox: str) -> bool:
        """Whether this process may read that mailbox, when it is leased to it."""
        named = {name.strip() for name in self.ingest_mailboxes.split(",") if name.strip()}
        return not named or mailbox in named
