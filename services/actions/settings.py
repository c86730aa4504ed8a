"""Settings of the actions service."""

import socket
from typing import ClassVar

from pydantic import Field

from connectors.odoo.settings import OdooSettings
from schemas.action import ACTION_TYPES


class ActionsSettings(OdooSettings):
    """What the actions service reads from the environment."""

    service: ClassVar[str] = "actions"

    actions_types: str = Field(
        default=",".join(ACTION_TYPES), description="action types that this process carries out, comma separated"
    )
    actions_worker: str = Field(
        default_factory=socket.gethostname,
        description="stable name of this worker; after a restart it takes its own work up at once (default: host name)",
    )
    actions_lease_seconds: float = Field(
        default=300, ge=1, description="how long a command is a worker's; longer than Odoo's limit_time_real plus 100 s"
    )
    actions_max_attempts: int = Field(default=8, ge=1, le=100, description="attempts of a command before it fails")
    actions_retry_first_seconds: float = Field(default=1.0, gt=0, description="wait after the first failed attempt")
    actions_retry_longest_seconds: float = Field(default=300.0, gt=0, description="longest wait between attempts")
    actions_lane_seconds: float = Field(
        default=900, gt=0, description="how long a later mail waits behind an earlier one of its conversation"
    )
    actions_target_hours: float = Field(
        default=72, gt=0, description="how long commands wait for a mail account or Odoo that is down"
    )
    actions_replies_to_sender: str = Field(
        default="3,5,10", description="most automatic replies to one sender in 10 minutes, an hour and a day"
    )
    actions_replies_from_mailbox: str = Field(
        default="60,200,1000", description="most automatic replies from one mailbox in 10 minutes, an hour and a day"
    )
    actions_reply_hours: float = Field(
        default=24, gt=0, le=8760, description="mail that was received longer ago is not answered automatically"
    )

    @property
    def types(self) -> tuple[str, ...]:
        """The action types of this process."""
        return tuple(word.strip() for word in self.actions_types.split(",") if word.strip())
