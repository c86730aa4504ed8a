"""Mail as facts: `mail-arrived` and `mail-sent`. Bodies and attachments do not travel; a content reference does."""

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Record, Timestamp, empty
from schemas.facts import OdooFacts
from schemas.ids import text_of

MAX_EVENT_BYTES = 256 * 1024
MAX_EXCERPT_CHARS = 4_000
MAX_HEADERS = 200
MAX_ADDRESSES = 200
MAX_ATTACHMENTS = 100
MAX_REFERENCES = 100


NotKept = Literal["headers", "recipients"]
"""headers: all but those that the event has as fields of its own. recipients: whom the mail was addressed to."""


ConversationBy = Literal[
    "known", "record", "references", "in-reply-to", "thread-index", "provider-thread", "subject-guess", "new"
]
"""known: an answer to this mail came first, or the mail lies there already. record: the record in Odoo that it is on.
references, in-reply-to: those headers. thread-index: Outlook's. provider-thread: an answer, by the thread
that its provider counts it to (Gmail's). subject-guess: an answer, by its subject, that names no mail, to or from the
same person within 30 days of the only such conversation; nothing proves it. new: none of these."""


class Published(Record):
    """A record with a topic of its own: it knows its CloudEvents type, id and key."""

    ce_type: ClassVar[str]

    @property
    @abstractmethod
    def record_id(self) -> str:
        """CloudEvents `id`: deterministic, equal for a repeat."""

    @property
    @abstractmethod
    def record_key(self) -> str:
        """The Kafka key. Order is promised per topic and key only."""

    def to_json(self) -> bytes:
        """The record's value on the wire: the bytes of `model_dump_json`, not by way of a text."""
        return self.__pydantic_serializer__.to_json(self)


class Address(Record):
    """A mailbox address (RFC 5322 §3.4), the domain lower-cased and in A-label form where it could be."""

    name: str = ""
    address: str


class Attachment(Record):
    """A MIME part that is a file by its disposition or type. `size` is bytes after decoding, as far as known."""

    name: str = ""
    content_type: str
    size: int


class ContentReference(Record):
    """Where any worker finds the whole message again, and how it knows that it is the same one.

    `uri` is relative to the mailbox's source (connectors/mailbox/port.py); digests are SHA-256 in hex.
    """

    uri: str
    digest: str
    header_digest: str
    size: int = Field(description="bytes of the raw message")


class Origin(Record):
    """The position the message was first seen at."""

    kind: Literal["imap", "maildir", "mbox", "eml", "odoo", "pop3"]
    folder: str
    uidvalidity: str = ""
    uid: str


class ReplyState(Record):
    """What the ledger knew about the conversation when the message was first seen."""

    is_reply: bool = Field(description="In-Reply-To or References is present")
    first_contact: bool = Field(description="this mailbox never saw the sender before")
    answered: bool = Field(description="the mailbox had sent a message in this conversation")
    automatic: tuple[str, ...] = Field(default=(), description="signals of automatic mail; empty: a person wrote it")


class MailFacts(Published):
    """What `mail-arrived` and `mail-sent` share. Frozen: a repeat publishes the same bytes."""

    event_id: UUID
    mailbox: str
    conversation: UUID
    message_id: str | None = Field(description="as in the header, with its angle brackets; null when missing")
    sender: Address | None = Field(description="the first address of From")
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    date: Timestamp | None = Field(default=None, description="the Date header; null when missing or unreadable")
    received_at: Timestamp = Field(description="INTERNALDATE, else first seen; conditions and windows use it")
    recorded_at: Timestamp = Field(description="when the ledger first recorded the event")
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = Field(default=(), description="decoded, in order, bounded")
    excerpt: str = Field(default="", description="the beginning of the text")
    attachments: tuple[Attachment, ...] = ()
    reply_state: ReplyState
    content: ContentReference
    origin: Origin
    defects: tuple[str, ...] = Field(default=(), description="what was wrong with the message, and what was cut")
    not_kept: tuple[NotKept, ...] = Field(
        default=(),
        exclude_if=empty,
        description="what the mail's source threw away of it: nobody can tell, so conditions on it are undecidable",
    )
    odoo: OdooFacts | None = Field(
        default=None, exclude_if=empty, description="what rules need of Odoo; null: none needed anything"
    )

    conversation_by: ConversationBy | None = Field(
        default=None, exclude_if=empty, description="what told to which conversation the mail belongs"
    )
    own_recipients: tuple[str, ...] = Field(
        default=(),
        exclude_if=empty,
        description="the mailbox's own addresses that the mail was sent to, as it writes them, plus-addresses too",
    )
    language: str = Field(
        default="", exclude_if=empty, description="ISO 639-1 code of the excerpt, a guess; empty: it does not tell"
    )

    @property
    def hosted(self) -> int | None:
        """The id in `mail.message` of mail that lies in Odoo; None for all other mail."""
        return int(self.origin.uid) if self.origin.kind == "odoo" else None

    @property
    def record_id(self) -> str:
        return text_of(self.event_id)

    @property
    def record_key(self) -> str:
        return f"{self.mailbox}/{text_of(self.conversation)}"


class MailArrived(MailFacts):
    """A message that came into the mailbox."""

    ce_type: ClassVar[str] = "maildesk.mail-arrived.v1"
    direction: Literal["incoming"] = "incoming"


class Original(Record):
    """The message that a sent one answers, as far as the ledger knows it."""

    event_id: UUID
    message_id: str | None
    content: ContentReference


class MailSent(MailFacts):
    """A message that the mailbox sent."""

    ce_type: ClassVar[str] = "maildesk.mail-sent.v1"
    direction: Literal["outgoing"] = "outgoing"
    original: Original | None = None


MailEvent = Annotated[MailArrived | MailSent, Field(discriminator="direction")]
