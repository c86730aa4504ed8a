"""Text of a mail, or of a rule about one, as Odoo may show it: escaped, bounded, never the sender's HTML."""

import html
import re

from schemas.mail import MailFacts
from services.actions.clean import clean_text
from services.actions.event_text import fill, flat

MAX_SUBJECT = 200
MAX_BODY = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def subject_line(text: str) -> str:
    """One line of bounded length; a mail without a subject still needs a name in Odoo."""
    return flat(text, MAX_SUBJECT) or "(no subject)"


def title_of(template: str, event: MailFacts) -> str:
    """A record's title: the rule's, with its variables filled in, else the mail's subject."""
    return subject_line(fill(template, event) if template else event.subject)


def as_html(text: str, limit: int = MAX_BODY) -> str:
    """Plain text as an HTML paragraph that holds nothing but text; at most `limit` characters of it."""
    lines = _CONTROL.sub("", clean_text(text, limit)).strip().splitlines()
    return "<p>" + "<br/>".join(html.escape(line) for line in lines) + "</p>" if lines else ""


def from_line(event: MailFacts) -> str:
    """The sender as `Name <address>`."""
    if event.sender is None:
        return "unknown"
    name, address = flat(event.sender.name), flat(event.sender.address)
    return f"{name} <{address}>" if name else address


def record_url(base: str, model: str, res_id: int) -> str:
    """A link that opens the record in Odoo's web client (Odoo 17: `/web#id=…&model=…`)."""
    return f"{base.rstrip('/')}/web#id={res_id}&model={model}&view_type=form"
