"""What reading a mail gives, whichever way it was read."""

from datetime import datetime
from typing import NamedTuple

from schemas.mail import Address, Attachment, NotKept


class ParsedMail(NamedTuple):
    """What a mail says about itself; fields as in schemas.mail.MailFacts. `automatic`: signals of automatic mail."""

    message_id: str | None = None
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    not_kept: tuple[NotKept, ...] = ()
    hosted: int | None = None
    """The id in `mail.message` of mail that lies in Odoo."""
