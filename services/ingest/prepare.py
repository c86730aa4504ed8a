"""A message as the source gave it, made ready for the ledger: its id, its facts, and how to find it again."""

import time
from collections.abc import Sequence
from uuid import UUID

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.hosted import Hosted
from connectors.mailbox.port import Fetched, Position, Unreadable
from schemas import ids
from schemas.mail import MAX_ATTACHMENTS, Attachment, ContentReference
from services.ingest.identity import content_digest, hosted_event_id
from services.ingest.metrics import PARSE_SECONDS
from services.ingest.model import Feed, Prepared, Unusable
from services.ingest.parse.charset import usable
from services.ingest.parse.content import MAX_NAME
from services.ingest.parse.mail import ParsedMail, Parser


def prepare(feed: Feed, messages: Sequence[Fetched | Unreadable], parser: Parser) -> list[Prepared | Unusable]:
    """All of them, in order. Pure computation that may take seconds for large mails: run it in a thread."""
    return [_prepare(feed, message, parser) for message in messages]


def storable(position: Position) -> Position:
    """The position as JSON and Postgres can hold it: bytes of a file name that are no text are written `\\udcXX`."""
    folder, uid = (part.encode("utf-8", "backslashreplace").decode() for part in (position.folder, position.uid))
    return Position(folder, position.uidvalidity, uid)


def _prepare(feed: Feed, message: Fetched | Unreadable, parser: Parser) -> Prepared | Unusable:
    position = storable(message.position)
    if isinstance(message, Unreadable):
        return Unusable(position, message.uri, "mail-unreadable", usable(message.reason))
    began = time.perf_counter()
    try:
        mail = parser(message.raw)
    except Exception as error:  # the last guard: no mail may stop those behind it
        return Unusable(position, message.uri, "mail-unparsable", f"the parser failed: {type(error).__name__}")
    PARSE_SECONDS.observe(time.perf_counter() - began)
    return Prepared(
        position,
        _event_id(feed, message),
        _with_hosted(_note_cut(mail, message), message.hosted),
        ContentReference(
            uri=message.uri,
            digest=digest(message.raw),
            header_digest=header_digest(message.raw),
            size=message.size,
        ),
        message.internal_date,
        thread=message.hosted.thread if message.hosted else "",
        provider_thread=message.provider_thread,
    )


def _event_id(feed: Feed, message: Fetched) -> UUID:
    if message.hosted is not None:
        return hosted_event_id(feed.mailbox, message.hosted.identity)
    return ids.event_id(feed.direction, feed.mailbox, content_digest(message.raw))


def _with_hosted(mail: ParsedMail, hosted: Hosted | None) -> ParsedMail:
    """The mail with what its source knows of it besides the bytes."""
    if hosted is None:
        return mail
    files = tuple(
        Attachment(name=usable(file.name)[:MAX_NAME], content_type=usable(file.content_type)[:MAX_NAME], size=file.size)
        for file in hosted.files[:MAX_ATTACHMENTS]
    )
    return mail._replace(attachments=files, not_kept=hosted.not_kept, hosted=hosted.record)


def _note_cut(mail: ParsedMail, message: Fetched) -> ParsedMail:
    if len(message.raw) >= message.size:
        return mail
    return mail._replace(defects=(*mail.defects, f"message-cut: {len(message.raw)} of {message.size} bytes read"))
