"""What of a mail Odoo's gateway decides on, read as `mail.thread.message_parse` of Odoo 17 reads it.

Odoo parses with the standard library's policy SMTP, and takes addresses apart twice; so does this.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Final

from connectors.odoo.senders import normalized

_BLANKS: Final = re.compile(r"[\r\n\t ]+")
_ID: Final = re.compile(r"<[^<>]+>")
_ADDRESS: Final = re.compile(r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63}")
_UNREADABLE: Final = (ValueError, IndexError, AttributeError, TypeError)
"""What the standard library's parser raises on some headers."""
_TO: Final = ("Delivered-To", "To")
_RECIPIENTS: Final = (*_TO, "Cc", "Resent-To", "Resent-Cc")


@dataclass(frozen=True, slots=True)
class GatewayMail:
    """The headers that decide. Ids are with angle brackets; addresses in lower case, in the order of the headers.

    `to`: Delivered-To and To. `recipients`: these, Cc, Resent-To and Resent-Cc. `in_reply_to` is the whole header.
    """

    message_id: str = ""
    sender: str = ""
    sender_header: str = ""
    to: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    references: str = ""
    in_reply_to: str = ""
    is_report: bool = False

    @property
    def answers_by(self) -> str:
        """The header whose ids Odoo looks up; empty where there is none."""
        return "references" if self.references else "in-reply-to" if self.in_reply_to else ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that Odoo looks up, in the order of the header."""
        found = _ID.findall(self.references or self.in_reply_to)
        return tuple(_BLANKS.sub("", each) for each in found if "reply_to" not in each)

    @property
    def parents(self) -> tuple[tuple[str, ...], ...]:
        """The ids among which Odoo looks for the message that is answered, the first that are known first."""
        return tuple(ids for ids in ((self.in_reply_to,), tuple(_ID.findall(self.references))) if any(ids))


def read_gateway_mail(raw: bytes) -> GatewayMail:
    """From the whole mail, or its headers alone. Never raises for malformed mail: what cannot be read is empty."""
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    sender = _joined(message, "From", ",")
    senders = split_addresses(sender)
    return GatewayMail(
        message_id=_first(message, "Message-Id").strip(),
        sender=normalized(senders[0]) if senders else "",
        sender_header=sender,
        to=_addresses(message, _TO),
        recipients=_addresses(message, _RECIPIENTS),
        references=_joined(message, "References", " "),
        in_reply_to=_joined(message, "In-Reply-To", " ").strip(),
        is_report=message.get_content_type() == "multipart/report",
    )


def split_addresses(text: str) -> list[str]:
    """The addresses in a header (Odoo: `odoo.tools.email_split`)."""
    pairs = [pair for pair in getaddresses([text]) if pair[1] and "@" in pair[1]]
    if any(address.startswith("@") for _, address in pairs):
        pairs = [("", found) for found in _ADDRESS.findall(text) if not found.startswith("@")] or pairs
    return [_without_name(name, address) for name, address in pairs]


def _without_name(name: str, address: str) -> str:
    """A name before an address, with no quotes and no brackets, is not part of it."""
    if name or " " not in address:
        return address
    inside = [found for _, found in getaddresses([address.replace(" ", ",")]) if "@" in found]
    return inside[-1] if inside else address


def _addresses(message: EmailMessage, names: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        for address in split_addresses(_joined(message, name, ",")):
            found.update(dict.fromkeys(each.lower() for each in split_addresses(_encoded(address))))
    return tuple(found)


def _encoded(address: str) -> str:
    """With a domain in ASCII; one that has no such form stays."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}" if not domain.isascii() else address
    except UnicodeError:
        return address


def _first(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except _UNREADABLE:
        return ""


def _joined(message: EmailMessage, name: str, separator: str) -> str:
    """All headers of that name. One that the parser itself cannot take counts as absent."""
    try:
        return separator.join(str(each) for each in message.get_all(name, []) if each)
    except _UNREADABLE:
        return ""
