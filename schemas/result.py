"""`automation-results`: what became of a command."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Record, Timestamp, empty
from schemas.command import RuleReference
from schemas.mail import Published
from schemas.rule import Trigger

FinalState = Literal["succeeded", "failed", "skipped", "planned"]
State = Literal["retry_wait", "succeeded", "failed", "skipped", "planned"]


class Produced(Record):
    """What an action left behind, for people and for later steps."""

    kind: Literal["mailbox", "record", "none"] = "none"
    uri: str = Field(default="", description="kind mailbox: where the message is now")
    model: str = Field(default="", description="kind record: the Odoo model")
    res_id: int = Field(default=0, description="kind record: the Odoo id")
    url: str = Field(default="", description="kind record: a link for people")
    text: str = Field(default="", description="one sentence: what was done, or would be")
    details: dict[str, Any] = Field(default_factory=dict)


class ExecutionResult(Published):
    """The state of a command after an attempt. Of several results of a command the highest `sequence` is true."""

    ce_type: ClassVar[str] = "maildesk.execution-result.v1"
    result_id: UUID
    command_id: UUID
    sequence: int = Field(ge=1)
    decision_id: UUID
    event_id: UUID
    run: str
    run_at: Timestamp
    rule: RuleReference
    trigger: Trigger
    action: str
    type: str
    mailbox: str
    conversation: UUID
    message_id: str | None
    content_uri: str
    state: State
    reason: str = Field(default="", description="stable code: why skipped or failed, such as `duplicate`")
    text: str = Field(default="", description="the same for people")
    attempt: int = Field(ge=0)
    idempotency_key: str
    scope: str = Field(description="for people: `message`, `thread`, or a throttle such as `every 7d per sender`")
    generation: int
    dry_run: bool
    started_at: Timestamp | None
    finished_at: Timestamp
    produced: Produced = Produced()
    next_command: UUID | None = None
    undoes: UUID | None = Field(
        default=None, exclude_if=empty, description="it was an undo: the command that it took back"
    )

    @property
    def record_id(self) -> str:
        return str(self.result_id)

    @property
    def record_key(self) -> str:
        return f"{self.mailbox}/{self.conversation}"
