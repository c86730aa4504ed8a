"""What travels between the steps of ingest."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from connectors.mailbox.port import Position
from runtime.kafka import Outgoing
from schemas.facts import OdooFacts
from schemas.mail import ContentReference
from schemas.topics import MAIL_ARRIVED, MAIL_SENT, Topic
from services.ingest.parse.mail import ParsedMail

Direction = Literal["incoming", "outgoing"]
Kind = Literal["imap", "maildir", "mbox", "eml", "odoo", "pop3"]
SOURCE = "/maildesk/ingest"


@dataclass(frozen=True, slots=True)
class Feed:
    """One folder of one mailbox, and which topic it feeds. `own`: the mailbox's own addresses, folded."""

    mailbox: str
    kind: Kind
    folder: str
    direction: Direction
    own: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def topic(self) -> Topic:
        """mail-arrived or mail-sent."""
        return MAIL_ARRIVED if self.direction == "incoming" else MAIL_SENT


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that was read and parsed, before the ledger is asked. `internal_date`: the source's, aware or None.

    `odoo`: what rules need of Odoo; None when none needs anything. `thread`: the record that its conversation is on,
    `provider_thread`: the thread that its provider counts it to, where its source says so; else empty.
    """

    position: Position
    event_id: UUID
    mail: ParsedMail
    content: ContentReference
    internal_date: datetime | None
    odoo: OdooFacts | None = None
    thread: str = ""
    provider_thread: str = ""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A message that gives no event. `code` is stable; `text` holds no mail content."""

    position: Position
    uri: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A record in the ledger that the broker has not acknowledged, exactly as it was or will be published first."""

    outgoing: Outgoing
    recorded_at: datetime
    event_id: UUID | None = None
    dead_letter_id: str | None = None
