"""Whether an event is of an address that is to be forgotten. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.erasure import ErasureKey
from schemas.mail import Address
from services.ingest.model import Prepared

_LISTS = ("to", "cc", "reply_to")


def addresses_of(value: bytes) -> set[str]:
    """Everybody whom a published event names as its sender or a recipient."""
    event: dict[str, Any] = json.loads(value)
    people = [event.get("sender") or {}, *(person for name in _LISTS for person in event.get(name) or ())]
    return {str(person["address"]) for person in people if person.get("address")} | set(event.get("own_recipients", ()))


def digest_among(
    addresses: Iterable[str], key: ErasureKey, asked: Mapping[str, datetime], received_at: datetime
) -> str | None:
    """The digest of the first of them that is to be forgotten and wrote before that was asked for."""
    for address in sorted(addresses):
        digest = key.digest(address)
        if (requested_at := asked.get(digest)) is not None and received_at < requested_at:
            return digest
    return None


def people_of(mail: Prepared) -> set[str]:
    """The same of a mail that was just read."""
    return {person.address for person in _people(mail)}


def _people(mail: Prepared) -> Iterator[Address]:
    found = mail.mail
    if found.sender is not None:
        yield found.sender
    yield from (*found.to, *found.cc, *found.reply_to)
