"""Which conversation a mail belongs to, what it answers, and where it stands: decided once, from the ledger alone.

The rule, in order: the mail's own Message-ID is known (an answer to it came first) → its conversation; the record is
known that Odoo has it on (mail that lies there) → that one's; one of its
references is known, the newest first, then In-Reply-To → that one's; else the conversation named by the oldest
reference; else by the mail itself. Then all ids it names belong to that conversation, unless they had one.
"""

from dataclasses import dataclass, field
from uuid import UUID

from schemas import ids
from schemas.mail import Original, ReplyState
from services.ingest.model import Feed, Prepared


@dataclass(slots=True)
class Knowledge:
    """What the ledger knows of the ids and people that a batch names; it learns with every mail of the batch.

    `learnt_*` is what has to be written back. Valid only while the mailbox's lock is held.
    """

    conversations: dict[str, UUID] = field(default_factory=dict)
    contacts: set[str] = field(default_factory=set)
    answered: set[UUID] = field(default_factory=set)
    originals: dict[str, Original] = field(default_factory=dict)
    learnt_references: dict[str, UUID] = field(default_factory=dict)
    learnt_contacts: dict[str, None] = field(default_factory=dict)
    learnt_answered: dict[UUID, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says about one mail. `original`: the known message it answers, for sent mail only."""

    conversation: UUID
    reply_state: ReplyState
    original: Original | None


def named_ids(prepared: Prepared) -> tuple[str, ...]:
    """Every Message-ID that a mail names, and its record's thread, the one that tells most first; its own leads."""
    mail = prepared.mail
    own = (mail.message_id,) if mail.message_id else ()
    thread = (prepared.thread,) if prepared.thread else ()
    return tuple(dict.fromkeys((*own, *thread, *reversed(mail.references), *mail.in_reply_to)))


def named_contacts(prepared: Prepared, feed: Feed) -> tuple[str, ...]:
    """Whom a mail makes known: its sender, and the recipients of what the mailbox itself sent."""
    mail = prepared.mail
    people = [mail.sender] if mail.sender else []
    if feed.direction == "outgoing":
        people += [*mail.to, *mail.cc]
    return tuple(dict.fromkeys(person.address.lower() for person in people))


def place(feed: Feed, prepared: Prepared, knowledge: Knowledge) -> Standing:
    """Decide for one mail that the ledger does not have, and learn from it."""
    mail, named = prepared.mail, named_ids(prepared)
    known = next((knowledge.conversations[name] for name in named if name in knowledge.conversations), None)
    conversation = known or ids.conversation_id(feed.mailbox, _root(prepared))
    sender = mail.sender.address.lower() if mail.sender else ""
    standing = Standing(
        conversation,
        ReplyState(
            is_reply=bool(mail.in_reply_to or mail.references),
            first_contact=bool(sender) and sender not in knowledge.contacts,
            answered=conversation in knowledge.answered,
            automatic=mail.automatic,
        ),
        _original(prepared, knowledge) if feed.direction == "outgoing" else None,
    )
    _learn(feed, prepared, conversation, knowledge)
    return standing


def _root(prepared: Prepared) -> str:
    mail = prepared.mail
    own = mail.message_id or str(prepared.event_id)
    return prepared.thread or next(iter((*mail.references, *mail.in_reply_to)), own)


def _original(prepared: Prepared, knowledge: Knowledge) -> Original | None:
    mail = prepared.mail
    asked = (*mail.in_reply_to, *reversed(mail.references))
    return next((knowledge.originals[name] for name in asked if name in knowledge.originals), None)


def _learn(feed: Feed, prepared: Prepared, conversation: UUID, knowledge: Knowledge) -> None:
    for name in named_ids(prepared):
        if name not in knowledge.conversations:
            knowledge.conversations[name] = knowledge.learnt_references[name] = conversation
    for address in named_contacts(prepared, feed):
        if address not in knowledge.contacts:
            knowledge.contacts.add(address)
            knowledge.learnt_contacts[address] = None
    if feed.direction == "outgoing" and conversation not in knowledge.answered:
        knowledge.answered.add(conversation)
        knowledge.learnt_answered[conversation] = None
    message_id = prepared.mail.message_id
    if message_id is not None and message_id not in knowledge.originals:
        knowledge.originals[message_id] = Original(
            event_id=prepared.event_id, message_id=message_id, content=prepared.content
        )
