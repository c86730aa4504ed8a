"""Mail as text that Odoo may show: escaped, bounded, never the sender's HTML."""

import html

from services.actions.clean import clean_text

MAX_SUBJECT = 200
MAX_BODY = 20_000


def subject_line(text: str) -> str:
    """One line of bounded length; a mail without a subject still needs a name in Odoo."""
    line = " ".join(clean_text(text).split())[:MAX_SUBJECT]
    return line or "(no subject)"


def as_html(text: str) -> str:
    """Plain text as HTML paragraphs that hold nothing but text."""
    lines = clean_text(text, MAX_BODY).strip().splitlines()
    return "<p>" + "<br/>".join(html.escape(line) for line in lines) + "</p>" if lines else ""


def record_url(base: str, model: str, res_id: int) -> str:
    """A link that opens the record in Odoo's web client (Odoo 17: `/web#id=…&model=…`)."""
    return f"{base.rstrip('/')}/web#id={res_id}&model={model}&view_type=form"
