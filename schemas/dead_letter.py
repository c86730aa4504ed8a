"""`<topic>-dlq`: what could not be handled, kept with everything needed to look at it and to try again."""

from typing import ClassVar

from pydantic import Field

from schemas.base import Timestamp
from schemas.mail import Published

MAX_VALUE_BYTES = 512 * 1024


class DeadLetter(Published):
    """A record that could not be parsed, or a mail that could not be read (then `value` is null)."""

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
    value: bytes | None = Field(default=None, description="the raw value, base64url (RFC 4648 §5), cut to 512 KB")

    @property
    def record_id(self) -> str:
        return self.id

    @property
    def record_key(self) -> str:
        return self.key
