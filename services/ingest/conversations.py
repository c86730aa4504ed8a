"""Which conversation a mail belongs to, what it answers, and where it stands: decided once, from the ledger alone.

The rule, in order: the mail's own Message-ID is known (an answer to it came first) → its conversation; the record is
known that Odoo has it on (mail that lies there) → that one's; one of its references is known, the newest first, then
In-Reply-To, then Outlook's Thread-Index, then its provider's own thread (Gmail's) → that one's; else the conversation
named by the oldest reference. An answer that names no mail at all is joined by its subject, where that leads to one
conversation alone (`threads.py`), marked as a guess. Else the mail begins one. Then all ids that it names belong to
that conversation, unless they had one.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from schemas import ids
from schemas.mail import ConversationBy, Original, ReplyState
from services.ingest.model import Feed, Prepared
from services.ingest.parse.parsed import ParsedMail
from services.ingest.threads import GUESS_WITHIN, is_answer, may_be_guessed, stem_keys, thread_index

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Knowledge:
    """What the ledger knows of the ids and people that a batch names; it learns with every mail of the batch.

    `learnt_*` is what has to be written back. `stems`: by key, the conversations and when they last had mail. `now`:
    when mail counts as received whose source does not say. Valid only while the mailbox's lock is held.
    """

    conversations: dict[str, UUID] = field(default_factory=dict)
    contacts: set[str] = field(default_factory=set)
    answered: set[UUID] = field(default_factory=set)
    originals: dict[str, Original] = field(default_factory=dict)
    stems: dict[UUID, dict[UUID, datetime]] = field(default_factory=dict)
    now: datetime = LONG_AGO
    learnt_references: dict[str, UUID] = field(default_factory=dict)
    learnt_contacts: dict[str, None] = field(default_factory=dict)
    learnt_answered: dict[UUID, None] = field(default_factory=dict)
    learnt_stems: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says about one mail. `original`: the known message it answers, for sent mail only."""

    conversation: UUID
    reply_state: ReplyState
    original: Original | None
    conversation_by: ConversationBy = "new"


def named_ids(prepared: Prepared) -> tuple[str, ...]:
    """Every Message-ID that a mail names, its record's and others' threads, the one that tells most first."""
    return tuple(_named(prepared))


def _named(prepared: Prepared) -> dict[str, ConversationBy]:
    """With how each would tell."""
    mail = prepared.mail
    found: dict[str, ConversationBy] = {mail.message_id: "known"} if mail.message_id else {}
    if prepared.thread:
        found.setdefault(prepared.thread, "record")
    for reference in reversed(mail.references):
        found.setdefault(reference, "references")
    for answered in mail.in_reply_to:
        found.setdefault(answered, "in-reply-to")
    if (index := thread_index(mail)) is not None:
        found.setdefault(index[0], "thread-index")
    if prepared.provider_thread:
        found.setdefault(f"provider-thread:{prepared.provider_thread}", "provider-thread")
    return found


def named_stems(prepared: Prepared, feed: Feed) -> tuple[UUID, ...]:
    """What a mail may be joined by to another of the same subject and person."""
    return stem_keys(prepared.mail, outgoing=feed.direction == "outgoing") if not prepared.thread else ()


def named_contacts(prepared: Prepared, feed: Feed) -> tuple[str, ...]:
    """Whom a mail makes known: its sender, and the recipients of what the mailbox itself sent."""
    mail = prepared.mail
    people = [mail.sender] if mail.sender else []
    if feed.direction == "outgoing":
        people += [*mail.to, *mail.cc]
    return tuple(dict.fromkeys(person.address.lower() for person in people))


def place(feed: Feed, prepared: Prepared, knowledge: Knowledge) -> Standing:
    """Decide for one mail that the ledger does not have, and learn from it."""
    mail = prepared.mail
    conversation, told_by = _conversation(feed, prepared, knowledge)
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
        told_by,
    )
    _learn(feed, prepared, conversation, knowledge)
    return standing


def _conversation(feed: Feed, prepared: Prepared, knowledge: Knowledge) -> tuple[UUID, ConversationBy]:
    for name, told_by in _named(prepared).items():
        if name in knowledge.conversations and _joins(prepared.mail, told_by):
            return knowledge.conversations[name], told_by
    if (guessed := _guess(feed, prepared, knowledge)) is not None:
        return guessed, "subject-guess"
    mail = prepared.mail
    told: ConversationBy = "references" if mail.references else "in-reply-to" if mail.in_reply_to else "new"
    return ids.conversation_id(feed.mailbox, _root(prepared)), "record" if prepared.thread else told


def _joins(mail: ParsedMail, told_by: ConversationBy) -> bool:
    """Threads of others hold mail of one subject that nobody answered, too: only what answers is joined by them."""
    if told_by == "thread-index":
        index = thread_index(mail)
        return index is not None and index[1]
    return told_by != "provider-thread" or is_answer(mail)


def _guess(feed: Feed, prepared: Prepared, knowledge: Knowledge) -> UUID | None:
    """The one conversation of that subject with all of these people, about that time; None where there are more."""
    keys = named_stems(prepared, feed)
    if not keys or not may_be_guessed(prepared.mail):
        return None
    at = _received(prepared, knowledge)
    near = [
        {each for each, last in knowledge.stems.get(key, {}).items() if abs(at - last) <= GUESS_WITHIN} for key in keys
    ]
    found = near[0] if all(each == near[0] for each in near) else set()
    return next(iter(found)) if len(found) == 1 else None


def _received(prepared: Prepared, knowledge: Knowledge) -> datetime:
    given = prepared.internal_date or knowledge.now
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)


def _root(prepared: Prepared) -> str:
    mail = prepared.mail
    own = mail.message_id or str(prepared.event_id)
    return prepared.thread or next(iter((*mail.references, *mail.in_reply_to)), own)


def _original(prepared: Prepared, knowledge: Knowledge) -> Original | None:
    mail = prepared.mail
    asked = (*mail.in_reply_to, *reversed(mail.references))
    return next((knowledge.originals[name] for name in asked if name in knowledge.originals), None)


def _learn(feed: Feed, prepared: Prepared, conversation: UUID, knowledge: Knowledge) -> None:
    at = _received(prepared, knowledge)
    for key in named_stems(prepared, feed):
        known = knowledge.stems.setdefault(key, {})
        if at > known.get(conversation, LONG_AGO):
            known[conversation] = knowledge.learnt_stems[key, conversation] = at
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
