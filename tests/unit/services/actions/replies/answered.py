"""A mail that is answered, and everything around it; tests change one thing at a time."""

from datetime import timedelta
from typing import Any

from schemas.command import ActionCommand
from schemas.mail import Address, MailArrived
from schemas.mailbox import Mailbox
from services.actions.replies.guards import Surroundings
from tests.unit.services.actions.making import NOON, REPLY, command, mail, mailbox

SUPPORT = "support@company.example"
OUTGOING = {"host": "localhost", "security": "none", "address": SUPPORT, "name": "Support"}


def box(**fields: Any) -> Mailbox:
    """The mailbox that answers."""
    return mailbox("support", **({"addresses": ["help@company.example"], "outgoing": OUTGOING} | fields))


def asked(number: int = 1, headers: tuple[tuple[str, str], ...] = (), **facts: Any) -> MailArrived:
    """A person's mail to the mailbox."""
    found = {"to": (Address(address=SUPPORT),), "headers": (("From", "Anna <anna@example.org>"), *headers)}
    return mail(number, **(found | facts))


def reply_to(event: MailArrived | None = None, **fields: Any) -> ActionCommand:
    """The command that answers it."""
    action = fields.pop("action", REPLY)
    return command(event or asked(), action, **fields)


def around(*others: Mailbox, hours: float = 0.0) -> Surroundings:
    """Some time after the mail was received."""
    return Surroundings(box(), (box(), *others), NOON + timedelta(hours=hours), timedelta(hours=24))
