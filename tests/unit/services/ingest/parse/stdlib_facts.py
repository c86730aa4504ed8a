"""The facts of a mail as the standard library gives them, each by itself: where it fails on one, the others stay."""

import re
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

from schemas.mail import Address
from services.ingest.parse.parsed import ParsedMail

WORDS = 20
_ID = re.compile(r"<[^<>]+>")
_REWRITTEN = frozenset(("date", "from", "to", "cc", "reply-to", "sender", "message-id", "mime-version"))
"""Of these, and of `content-…`, the library shows its own spelling instead of what the mail says."""
NOT_READ = object()
"""The library has no text of HTML."""


def their_facts(raw: bytes) -> dict[str, Any]:
    """By name; what raised is its error's name."""
    mail = message_from_bytes(raw, policy=policy.default)
    asked: dict[str, Callable[[Message], Any]] = {
        "sender": lambda m: _people(m, "from")[:1],
        "to": lambda m: _people(m, "to"),
        "cc": lambda m: _people(m, "cc"),
        "subject": lambda m: _flat(str(m["subject"] or "")),
        "message id": lambda m: _flat(str(m["message-id"] or "")) or None,
        "date": _date,
        "references": lambda m: tuple(dict.fromkeys(_ID.findall("".join(str(m["references"] or "").split())))),
        "names": lambda m: tuple(m.keys()),
        "values": lambda m: tuple((name, _flat(str(value))) for name, value in m.items() if _is_kept(name)),
        "files": _files,
        "text": _text,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: _tried(fact, mail) for name, fact in asked.items()}


def our_facts(mail: ParsedMail) -> dict[str, Any]:
    """The same of what ingest reads."""
    return {
        "sender": tuple(_person(each) for each in (mail.sender,) if each),
        "to": tuple(map(_person, mail.to)),
        "cc": tuple(map(_person, mail.cc)),
        "subject": _flat(mail.subject),
        "message id": mail.message_id,
        "date": mail.date,
        "references": mail.references,
        "names": tuple(name for name, _ in mail.headers),
        "values": tuple((name, _flat(value)) for name, value in mail.headers if _is_kept(name)),
        "files": tuple(each.name for each in mail.attachments if each.name),
        "text": tuple(mail.excerpt.split()[:WORDS]),
    }


def _tried(fact: Callable[[Message], Any], mail: Message) -> Any:
    try:
        return fact(mail)
    except Exception as error:  # that it may raise anything is one of the reasons not to use it
        return type(error).__name__


def _is_kept(name: str) -> bool:
    return name.lower() not in _REWRITTEN and not name.lower().startswith(("content-", "resent-"))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _person(address: Address) -> tuple[str, str]:
    return _flat(address.name), address.address


def _people(mail: Message, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_flat(each.display_name), f"{each.username}@{each.domain.lower()}".removesuffix("@"))
        for header in _headers(mail, name)
        for each in header.addresses
    )


def _date(mail: Message) -> datetime | None:
    found: datetime | None = next((header.datetime for header in _headers(mail, "date")), None)
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _headers(mail: Message, name: str) -> list[Any]:
    """With what this policy adds to a text; the type stubs do not know of it."""
    return list(mail.get_all(name, []))


def _files(mail: Message) -> tuple[str, ...]:
    names = [part.get_filename() for part in mail.walk() if not part.is_multipart()]
    return tuple(_flat(name.replace("\\", "/").rpartition("/")[2]) for name in names if name)


def _text(mail: Message) -> Any:
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    return tuple(body.get_content().split()[:WORDS]) if body is not None else NOT_READ
