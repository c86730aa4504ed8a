"""Raw mails behind the events of the corpus, in a Maildir, where a worker reads them again."""

import os
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from bench.commands import commands
from bench.corpus import MAILBOX
from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.maildir import MaildirMailbox
from connectors.mailbox.uri import MaildirUri
from schemas.command import ActionCommand
from schemas.mail import Address, ContentReference, MailArrived, MailSent

TEXT_BYTES = 5_000
ATTACHMENT_BYTES = 40_000


class Mails:
    """A Maildir below `home` that is filled as it is asked for commands."""

    def __init__(self, home: Path) -> None:
        self._path = home / "mails"
        for name in ("cur", "new", "tmp"):
            (self._path / name).mkdir(parents=True, exist_ok=True)

    def open(self) -> MaildirMailbox:
        """As a worker opens it."""
        return MaildirMailbox(MAILBOX, os.fspath(self._path))

    def given(
        self, run: UUID, count: int, action: dict[str, Any], *, attachment: bool
    ) -> list[tuple[ActionCommand, bytes]]:
        """Commands as in `commands`, each with its mail of 5 KB of text and HTML, and an attachment if so."""
        found = []
        for number, each in enumerate(commands(run, count, action)):
            # Odoo's gateway takes many mails of one sender within two hours for a loop.
            sender = Address(name=f"Person {number}", address=f"{number}.{run.hex}@customer.example")
            event = each.event.model_copy(update={"sender": sender, "excerpt": each.event.excerpt[:1_000]})
            raw = _mail(event, number, attachment=attachment)
            event = event.model_copy(update={"content": self._kept(f"{number}.{run.hex}", raw)})
            found.append((each.model_copy(update={"event": event}), raw))
        return found

    def _kept(self, key: str, raw: bytes) -> ContentReference:
        (self._path / "cur" / f"{key}:2,").write_bytes(raw)
        uri = str(MaildirUri(MAILBOX, "INBOX", key))
        return ContentReference(uri=uri, digest=digest(raw), header_digest=header_digest(raw), size=len(raw))


def _mail(event: MailArrived | MailSent, number: int, *, attachment: bool) -> bytes:
    found = EmailMessage()
    found["From"] = f"{event.sender.name} <{event.sender.address}>" if event.sender else ""
    found["To"] = "support@company.example"
    found["Subject"] = event.subject
    found["Message-ID"] = event.message_id or ""
    found["Date"] = event.received_at
    if event.references:
        found["References"] = " ".join(event.references)
    lines = [event.excerpt[start : start + 70] for start in range(0, len(event.excerpt), 70)]
    text = "\n".join(lines * (1 + TEXT_BYTES // 2 // max(1, len(event.excerpt))))[: TEXT_BYTES * 2 // 5]
    found.set_content(text)
    paragraphs = (f'<p style="margin:0">{line} <b>{number}</b></p>' for line in text.splitlines())
    found.add_alternative(f"<html><body>{''.join(paragraphs)}</body></html>", subtype="html")
    if attachment:
        content = Random(number).randbytes(ATTACHMENT_BYTES)
        found.add_attachment(content, maintype="application", subtype="pdf", filename="offer.pdf")
    return found.as_bytes()
