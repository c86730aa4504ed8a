"""A mail as rows of `load`: its message in a chatter, and its attachments."""

import base64
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from connectors.odoo.port import Cell
from schemas.ids import external_id
from schemas.mail import MailFacts
from services.actions.effects.mail_contents import Unread
from services.actions.effects.odoo_text import as_html, from_line, subject_line
from services.actions.effects.whole_mail import MailFile, WholeMail
from services.actions.model import Job

MESSAGE, ATTACHMENT = "mail.message", "ir.attachment"
FILE_COLUMNS = ("id", "name", "res_model", "res_id", "mimetype", "datas")
COLUMNS = (
    *("id", "message_id", "model", "res_id", "message_type", "subtype_id/id", "author_id/.id", "email_from"),
    *("subject", "body", "date", "attachment_ids/.id"),
)
SLOW = {"reply_to": "", "record_name": ""}
"""Left to itself, Odoo works them out for each message, which takes it longer than all the rest."""
_CID = re.compile(r' src="cid:([^"]*)"')


@dataclass(frozen=True, slots=True)
class Placing:
    """A mail that goes on a record. `ident`: the Message-ID that it gets there; `whole`: with HTML and attachments."""

    job: Job
    model: str
    record: int
    title: str
    ident: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message shows. `text` says what is missing, for the result."""

    body: str
    attachments: tuple[int, ...] = ()
    text: str = ""


def external_message(job: Job) -> str:
    """The external id of the message of a job's mail."""
    return external_id(MESSAGE, str(job.row.key))


def external_file(placing: Placing, number: int) -> str:
    """That of the n-th attachment; other ones on another record, should a repeat find another."""
    return external_id(ATTACHMENT, f"{placing.job.row.key}/{placing.model}/{placing.record}/{number}")


def file_row(placing: Placing, number: int, file: MailFile) -> list[Cell]:
    """As in FILE_COLUMNS."""
    content = base64.b64encode(file.content).decode()
    return [external_file(placing, number), file.name, placing.model, placing.record, file.content_type, content]


def excerpt_shown(event: MailFacts) -> Shown:
    """The beginning of the mail's text, as the event carries it."""
    return Shown(as_html(event.excerpt))


def instead_shown(event: MailFacts, why: str, attachments: tuple[int, ...] = ()) -> Shown:
    """The same where it is not the whole mail that was wanted."""
    note = f"<p><i>Only the beginning of the mail's text: {html.escape(why)}.</i></p>"
    return Shown(as_html(event.excerpt) + note, attachments, why)


def whole_shown(event: MailFacts, content: WholeMail | Unread, ids: Mapping[int, int]) -> Shown:
    """`ids`: the number of an attachment → its id in Odoo, for those that Odoo took."""
    if isinstance(content, Unread):
        return instead_shown(event, f"the mail {content.text}")
    by_cid = {file.cid: ids[number] for number, file in enumerate(content.files) if file.cid and number in ids}
    refused = [file.name for number, file in enumerate(content.files) if number not in ids]
    return Shown(_with_images(content.html, by_cid) + _missing(content, refused), tuple(ids.values()))


def message_row(placing: Placing, shown: Shown, authors: Mapping[str, int], extra: Sequence[str]) -> list[Cell]:
    """As in COLUMNS, then those of SLOW that `extra` names."""
    event = placing.job.command.event
    author = authors.get(event.sender.address) if event.sender else None
    row: list[Cell] = [external_message(placing.job), placing.ident, placing.model, placing.record, "email"]
    row += ["mail.mt_comment", author, from_line(event), subject_line(event.subject), shown.body, _date(event)]
    row.append(",".join(map(str, shown.attachments)))
    return [*row, *({**SLOW, "record_name": placing.title}[name] for name in extra)]


def _with_images(body: str, ids: Mapping[str, int]) -> str:
    """An image that nothing was sent for gets no source."""

    def source(found: re.Match[str]) -> str:
        ident = ids.get(html.unescape(found[1]))
        return "" if ident is None else f' src="/web/image/{ident}"'

    return _CID.sub(source, body)


def _missing(content: WholeMail, refused: Sequence[str]) -> str:
    names = ", ".join([*content.left_out, *refused])
    found = f"<p><i>Not copied: {html.escape(names[:1_000])}.</i></p>" if names else ""
    return f"{found}<p><i>Part of the mail is too large to be shown here.</i></p>" if content.too_large else found


def _date(event: MailFacts) -> str:
    """The mail's own date, unless it cannot be true."""
    given = event.date
    believed = given if given is not None and 1980 <= given.year <= event.received_at.year + 1 else event.received_at
    return believed.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
