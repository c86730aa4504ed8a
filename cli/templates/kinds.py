"""What a parameter of a template may hold: for each kind the type of its value, and how it is read from one text."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints

from schemas.comparable import a_label
from schemas.mailbox_action import TagName
from schemas.odoo_action import Login
from schemas.scope import Duration
from schemas.window import WEEKDAYS, Date, TimeOfDay, TimeZone, Weekday

KindName = Literal[
    "line",
    "text",
    "lines",
    "addresses",
    "domains",
    "logins",
    "channel",
    "tag",
    "date",
    "time",
    "time_zone",
    "weekdays",
    "integer",
    "duration",
    "choice",
]
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class Kind(NamedTuple):
    """`value`: the type of one value; `several`: a parameter holds a list of them; `read`: from a text."""

    value: Any
    several: bool = False
    read: Callable[[str], Any] = str


def _printable(text: str) -> str:
    """Line breaks and tabs are text; whatever else controls a terminal or a database is not."""
    for character in text:
        if unicodedata.category(character) == "Cc" and character not in "\n\t":
            raise ValueError(f"holds the control character U+{ord(character):04X}; leave it out")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("must be one line")
    return text


def _domain(text: str) -> str:
    if len(text) > 253 or not _DOMAIN.fullmatch(a_label(text)):
        raise ValueError("write a domain as example.com, without @, * or spaces")
    return text


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(domain) > 253 or not _DOMAIN.fullmatch(a_label(domain)):
        raise ValueError("write an address as name@example.com, without its display name")
    return text


def _integer(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


Plain = AfterValidator(_printable)
_Line = Annotated[str, StringConstraints(min_length=1, max_length=500), Plain, AfterValidator(_one_line)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), Plain]
_Channel = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), Plain]

KINDS: dict[KindName, Kind] = {
    "line": Kind(_Line),
    "text": Kind(_Text),
    "lines": Kind(_Line, several=True),
    "addresses": Kind(Annotated[str, AfterValidator(_address)], several=True),
    "domains": Kind(Annotated[str, AfterValidator(_domain)], several=True),
    "logins": Kind(Annotated[Login, Plain], several=True),
    "channel": Kind(_Channel),
    "tag": Kind(Annotated[TagName, Plain]),
    "date": Kind(Date),
    "time": Kind(TimeOfDay),
    "time_zone": Kind(Annotated[TimeZone, Field(max_length=60)]),
    "weekdays": Kind(Weekday, several=True),
    "integer": Kind(Annotated[int, Field(strict=True)], read=_integer),
    "duration": Kind(Duration),
    "choice": Kind(str),
}
MOST = {"weekdays": len(WEEKDAYS), "logins": 20}
"""How many values a list may have; 1,000 for the others, as in conditions."""
