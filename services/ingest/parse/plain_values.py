"""Header values of the shapes that nearly all mailers write, read in a few steps.

Every function takes a value on one line, without controls, and gives what the careful one gives for it, or None where
the value has another shape or a defect.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from schemas.automatic import sender_signals
from schemas.mail import Address
from services.ingest.parse.addresses import MAX_NAME, parse_addresses
from services.ingest.parse.charset import one_line
from services.ingest.parse.defects import Defects
from services.ingest.parse.identifiers import date, message_ids
from services.ingest.parse.words import decode_words

MANY = 500
"""Characters of an address list up to which it is remembered: mail to one mailbox names few people again and again."""
MAX_LISTED = 50
_MONTHS = {
    "Jan": "-01-", "Feb": "-02-", "Mar": "-03-", "Apr": "-04-", "May": "-05-", "Jun": "-06-",
    "Jul": "-07-", "Aug": "-08-", "Sep": "-09-", "Oct": "-10-", "Nov": "-11-", "Dec": "-12-",
}  # fmt: skip
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3]\d [A-Z][a-z]{2} (?:19|20)\d\d [0-2]\d:[0-5]\d:[0-5]\d"
    r" [+-][01]\d[0-5]\d(?: \([A-Z]{1,5}\))?",
    re.ASCII,
)
_IDS = re.compile(r"<[!-;=?-~]{1,300}>(?: <[!-;=?-~]{1,300}>){0,90}")
_PERSON = re.compile(
    r'(?:"([^"\\=\t]{0,200})" |([A-Za-z][A-Za-z0-9.\' -]{0,200}) |'
    r"(=\?[A-Za-z0-9-]{1,40}\?[BbQq]\?[A-Za-z0-9+/=_.!*-]{0,200}\?=) |)"
    r"<([A-Za-z0-9.!#$%&'*+/_{|}~-]{1,64})@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3})>"
)
_BARE = re.compile(r"([A-Za-z0-9.!#$%&'*+/_{|}~-]{1,64})@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3})")


def plain_date(value: str) -> datetime | None:
    """The date in UTC."""
    if _DATE.fullmatch(value) and (month := _MONTHS.get(value[8:11])):
        try:
            local = datetime.fromisoformat(value[12:16] + month + value[5:7] + "T" + value[17:25] + value[26:31])
        except ValueError:
            return None
        return local if local.tzinfo is UTC else local.astimezone(UTC)
    defects = Defects()
    read = date(value.encode(), defects)
    return None if defects.list() else read


def plain_ids(value: str, name: str) -> tuple[str, ...] | None:
    """Message-IDs, each once."""
    if _IDS.fullmatch(value):
        return tuple(dict.fromkeys(value.split(" "))) if " " in value else (value,)
    defects = Defects()
    found = message_ids(value.encode(), name, defects)
    return None if defects.list() else found


class People(NamedTuple):
    """An address list. `signals`: of automatic mail, for each address."""

    addresses: tuple[Address, ...] = ()
    signals: tuple[tuple[str, ...], ...] = ()


NOBODY = People()


def plain_people(value: str) -> People | None:
    """An address list."""
    return _remembered(value) if len(value) <= MANY else _people(value)


def _people(value: str) -> People | None:
    found = _addresses(value)
    return None if found is None else People(found, tuple([sender_signals(each.address) for each in found]))


def _addresses(value: str) -> tuple[Address, ...] | None:
    if (one := _person(value)) is not None:
        return (one,)
    if '"' not in value and "," in value:
        people = [_person(each.strip(" ")) for each in value.split(",")]
        if (
            len(people) <= MAX_LISTED
            and (found := tuple(each for each in people if each))
            and len(found) == len(people)
        ):
            return found
    defects = Defects()
    found = parse_addresses(value.encode(), "", defects)
    return None if defects.list() else found


_remembered = lru_cache(maxsize=2048)(_people)


def _person(value: str) -> Address | None:
    found = _PERSON.fullmatch(value)
    if found is not None:
        quoted, words, encoded, local, domain = found.groups()
        defects = Defects()
        name = one_line(decode_words(encoded, defects)) if encoded else quoted or ""
        name = " ".join(words.split()) if words else name.strip()
        plain = len(name) <= MAX_NAME and not defects.list()
        return Address(name=name, address=f"{local}@{domain.lower()}") if plain else None
    bare = _BARE.fullmatch(value)
    return Address(address=f"{bare[1]}@{bare[2].lower()}") if bare else None
