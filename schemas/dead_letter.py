"""`<topic>-dlq`: what could not be handled, kept with everything needed to look at it and to try again."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Record, Timestamp, empty, not_told
from schemas.command import RuleReference
from schemas.mail import Published

MAX_VALUE_BYTES = 512 * 1024
MAX_COMMAND_BYTES = 4 * 1024 * 1024
"""A failed command is kept whole up to this size: base64 makes 5.3 MB of it, and a topic takes 6."""


class FailedCommand(Record):
    """What tells failed commands apart, so that nobody has to read the command for it."""

    command_id: UUID
    event_id: UUID
    message_id: str | None = None
    mailbox: str
    run: str
    rule: RuleReference
    action: str = Field(description="the action's id")
    type: str = Field(description="the action's type")
    attempt: int = Field(ge=0, description="attempts that it used")
    claim_kept: bool = Field(
        default=False,
        exclude_if=empty,
        description="it may have acted, so its claim is kept: only a forced retry acts again",
    )
    generation: int | None = Field(
        default=None,
        ge=0,
        exclude_if=not_told,
        description="of its idempotency key, where it was forced: its retry has the same",
    )


class DeadLetter(Published):
    """A record that could not be parsed, a mail that could not be read (`value` is null), or a command that failed.

    One that is published twice has the same `id` both times and is one letter.
    """

    ce_type: ClassVar[str] = "maildesk.dead-letter.v1"
    id: str
    topic: str = Field(description="the topic it was on, or was meant for")
    partition: int | None = None
    offset: int | None = None
    key: str = ""
    reference: str = Field(default="", description="for mail: its uri")
    code: str
    text: str
    at: Timestamp
    service: str
    value: bytes | None = Field(
        default=None, description="the raw value, base64url (RFC 4648 §5), cut to 512 KB; a failed command's to 4 MB"
    )
    headers: tuple[tuple[str, bytes], ...] = Field(
        default=(),
        exclude_if=empty,
        description="the record's own headers, their values in base64url; long ones left out",
    )
    cut: bool = Field(default=False, exclude_if=empty, description="`value` is not whole, so it cannot be tried again")
    command: FailedCommand | None = Field(default=None, exclude_if=empty, description="of a command that failed")

    @property
    def record_id(self) -> str:
        return self.id

    @property
    def record_key(self) -> str:
        return self.key


class DeadLetterHandled(Published):
    """Somebody took the letter up, or threw it away. It follows the letter on the letter's own topic and partition."""

    ce_type: ClassVar[str] = "maildesk.dead-letter-handled.v1"
    letter: str = Field(description="the letter's `id`")
    topic: str = Field(description="the letter's `topic`")
    partition: int = Field(description="where the letter is on `<topic>-dlq`")
    offset: int = Field(description="where the letter is on `<topic>-dlq`")
    key: str = ""
    how: Literal["retried", "discarded"]
    at: Timestamp
    by: str = ""
    command: UUID | None = Field(default=None, exclude_if=empty, description="the command that took up a failed one")

    @property
    def record_id(self) -> str:
        return f"{self.letter}/{self.how}"

    @property
    def record_key(self) -> str:
        return self.key
