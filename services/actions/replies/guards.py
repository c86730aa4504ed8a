"""Whether a mail may be answered automatically. Pure: the event and the mailboxes say it all; the first reason counts.

Two programs that answer each other never stop. So nothing is answered that shows any sign of a program, a list or
ourselves (RFC 3834 §2), or whose header is not known whole.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import getaddresses, parseaddr
from typing import NamedTuple

from schemas.automatic import header_signal, is_asked, sender_signals
from schemas.command import ActionCommand
from schemas.comparable import folded_address
from schemas.ids import as_it_arrives, is_own_message_id
from schemas.mail import MAX_HEADERS, MailArrived, MailSent
from schemas.mailbox import Mailbox

MAX_DEFECTS = 50
"""So many are listed of one mail; there may be more, such as a header that was cut."""
LONG_VALUE = 2_000
"""Characters of a header's value from which on it may have been cut."""
MAX_NESTED = 50
"""Comments in one header; readers of addresses go one level deeper for each."""
_CUTS = ("headers-cut", "too-many-headers", "event-cut: header", "event-cut: everything")
_RECIPIENTS = frozenset(("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"))
_SENDERS = frozenset(("from", "sender", "return-path", "reply-to", "resent-from", "resent-sender"))


class Refusal(NamedTuple):
    """Why a mail is not answered: a stable code, and the same for people."""

    code: str
    text: str


class Surroundings(NamedTuple):
    """What is asked about a mail besides itself. `mailbox`: the one that would answer; `known`: all of them."""

    mailbox: Mailbox
    known: Iterable[Mailbox]
    now: datetime
    oldest: timedelta
    """Mail that was received longer ago is not answered any more."""


def refusal(command: ActionCommand, around: Surroundings) -> Refusal | None:
    """None: it may be answered."""
    if not as_it_arrives(command.run):
        return Refusal(
            "not-as-it-arrives", "only mail that has just arrived is answered, not in a run by hand or later"
        )
    return refusal_of_mail(command, around)


def refusal_of_mail(command: ActionCommand, around: Surroundings) -> Refusal | None:
    """The same for a dry run, which answers nobody: only what the mail itself says."""
    event = command.event
    return (
        _direction(event)
        or _cut(event)
        or _signals(event)
        or _senders(event)
        or _own(event, around)
        or _not_addressed(event, around.mailbox)
        or _old(event, around)
    )


def _direction(event: MailArrived | MailSent) -> Refusal | None:
    if event.direction == "outgoing":
        return Refusal("own-mail", "the mailbox sent this mail itself")
    return None


def _cut(event: MailArrived | MailSent) -> Refusal | None:
    """Behind what was cut, or in what nobody can read, there may be the one header that says not to answer.

    Other headers may be as long as they like: some servers add pages of their own.
    """
    if "headers" in event.not_kept:
        return Refusal(
            "headers-not-kept", "Odoo keeps no headers of a mail, so nobody can see whether a program sent it"
        )
    unread = any(_unreadable(name.strip().lower(), value) for name, value in event.headers)
    noted = any(map(_tells_of_a_cut, event.defects))
    if noted or unread or len(event.headers) >= MAX_HEADERS or len(event.defects) >= MAX_DEFECTS:
        return Refusal(
            "header-not-whole", "the mail's header cannot be read whole; it may hide a sign of automatic mail"
        )
    return None


def _unreadable(name: str, value: str) -> bool:
    cut = len(value) >= LONG_VALUE and (is_asked(name) or name in _SENDERS)
    return cut or (value.count("(") > MAX_NESTED and name in _SENDERS | _RECIPIENTS)


def _tells_of_a_cut(defect: str) -> bool:
    word, _, name = defect.partition(": ")
    if word == "header-cut":
        return is_asked(name.lower()) or name.lower() in _SENDERS
    return defect.startswith(_CUTS)


def _signals(event: MailArrived | MailSent) -> Refusal | None:
    found = [signal for name, value in event.headers if (signal := header_signal(name.strip().lower(), value))]
    signals = (*found, *event.reply_state.automatic)
    return Refusal(signals[0], f"a program sent the mail: {signals[0]}") if signals else None


def _senders(event: MailArrived | MailSent) -> Refusal | None:
    if event.sender is None:
        return Refusal("no-sender", "the mail names no sender")
    for address in _sender_addresses(event):
        if signals := sender_signals(address):
            return Refusal(signals[0], f"a program's address sent the mail, or is to be answered: {signals[0]}")
    return None


def _own(event: MailArrived | MailSent, around: Surroundings) -> Refusal | None:
    if event.message_id is not None and is_own_message_id(event.message_id):
        return Refusal("own-message-id", "the mail is one of ours that came back")
    own = frozenset[str]().union(around.mailbox.own_addresses, *(box.own_addresses for box in around.known))
    if any(folded_address(address) in own for address in _sender_addresses(event)):
        return Refusal("own-address", "one of our own mailboxes sent the mail, or is to be answered")
    return None


def _not_addressed(event: MailArrived | MailSent, mailbox: Mailbox) -> Refusal | None:
    """Lists and forwarding show here: who is not named is not asked."""
    named = [recipient.address for recipient in (*event.to, *event.cc)]
    named += _addresses(event, _RECIPIENTS)
    if mailbox.own_addresses.isdisjoint(map(folded_address, named)):
        return Refusal("not-addressed", "no address of the mailbox is in To, Cc, Bcc or Resent-*")
    return None


def _old(event: MailArrived | MailSent, around: Surroundings) -> Refusal | None:
    if around.now - event.received_at > around.oldest:
        hours = around.oldest // timedelta(hours=1)
        return Refusal("too-old", f"the mail was received more than {hours} hours ago")
    return None


def _sender_addresses(event: MailArrived | MailSent) -> list[str]:
    """Whoever sent it, by any header, and whoever would be answered."""
    named = [event.sender.address] if event.sender else []
    named += [address.address for address in event.reply_to]
    return [address for address in (*named, *_addresses(event, _SENDERS)) if address]


def _addresses(event: MailArrived | MailSent, names: frozenset[str]) -> list[str]:
    values = [value for name, value in event.headers if name.strip().lower() in names]
    found = [address for _, address in getaddresses(values)]
    return [*found, *(parseaddr(value)[1] for value in values)]
