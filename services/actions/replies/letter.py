"""The reply as a message: who it is to, its header (RFC 5322, RFC 3834 §3), its text. Pure but for the date, given."""

import html
import re
from collections.abc import Sequence
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import NamedTuple

from schemas.ids import reply_message_id
from schemas.mail import MailFacts
from schemas.outgoing import Outgoing, is_plain_address
from schemas.reply_action import AutoReplyAction
from services.actions.event_text import fill, flat

MAX_SUBJECT = 200
MAX_NAME = 100
MAX_REFERENCES = 20
MAX_ID = 250
_MARKS = r"(?:re|aw|antw|antwort|sv|vs|odp|rif|ref|res)(?:\s*\[\d{1,3}\]|\s*\(\d{1,3}\))?\s*:\s*"
_REPEATED = re.compile(rf"(?i)^re\s*:\s*(?:{_MARKS})+")
_ID = re.compile(r"<[!-;=?-~]{1,248}>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n|[\r\n\u0085\u2028\u2029]")
_POLICY = compat32.clone(linesep="\r\n")
_UTF_8 = Charset("utf-8")
_UTF_8.body_encoding = QP


class Letter(NamedTuple):
    """A message and its envelope."""

    sender: str
    recipient: str
    message_id: str
    raw: bytes


def recipient_of(event: MailFacts) -> str | None:
    """Whom a reply goes to: Reply-To, else From (RFC 5322 §3.6.2). None: no address that every server takes."""
    asked = event.reply_to[0] if event.reply_to else event.sender
    return asked.address if asked is not None and is_plain_address(asked.address) else None


def id_of(outgoing: Outgoing, key: str) -> str:
    """The Message-ID of the reply that an idempotency key may send."""
    return reply_message_id(key, outgoing.address.rpartition("@")[2].lower())


def compose(action: AutoReplyAction, event: MailFacts, outgoing: Outgoing, key: str, now: datetime) -> Letter:
    """The reply to a mail that `recipient_of` has an answer for. The same again, but for its date."""
    recipient, message_id = recipient_of(event), id_of(outgoing, key)
    assert recipient is not None
    message = _body(action, event)
    del message["MIME-Version"]
    message["From"] = _named(outgoing.name, outgoing.address)
    message["To"] = recipient
    message["Subject"] = Header(subject_of(action.subject, event), "utf-8", header_name="Subject").encode(linesep="\n")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if event.message_id and _ID.fullmatch(event.message_id):
        message["In-Reply-To"] = event.message_id
    if thread := _thread(event):
        message["References"] = "\n ".join(thread)
    message["Auto-Submitted"] = "auto-replied"
    message["Precedence"] = "bulk"
    message["X-Auto-Response-Suppress"] = "All"
    message["MIME-Version"] = "1.0"
    return Letter(outgoing.address, recipient, message_id, message.as_bytes(policy=_POLICY))


def subject_of(template: str, event: MailFacts) -> str:
    """On one line and bounded; what answers an answer has one `Re:` only."""
    return flat(_REPEATED.sub("Re: ", flat(fill(template, event))), MAX_SUBJECT)


def _body(action: AutoReplyAction, event: MailFacts) -> MIMEMultipart | MIMEText:
    plain = MIMEText(_lines(fill(action.text, event)), "plain", _UTF_8)  # type: ignore[arg-type]
    if action.html is None:
        return plain
    both = MIMEMultipart("alternative")
    both.attach(plain)
    both.attach(MIMEText(_lines(fill(action.html, event, html.escape)), "html", _UTF_8))  # type: ignore[arg-type]
    return both


def _lines(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", whole)).rstrip("\n") + "\n"


def _named(name: str, address: str) -> str:
    shown = flat(name, MAX_NAME)
    if not shown:
        return address
    if shown.isascii():
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{Header(shown, 'utf-8', header_name='From').encode(linesep=chr(10))}\n <{address}>"


def _thread(event: MailFacts) -> Sequence[str]:
    """The mail's own references and the mail (RFC 5322 §3.6.4): the oldest and the newest, where they are many."""
    named = event.references or event.in_reply_to[:1]
    ids = [each for each in (*named, event.message_id or "") if len(each) <= MAX_ID and _ID.fullmatch(each)]
    ids = list(dict.fromkeys(ids))
    return ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]]
