"""Whether a mailbox can be reached, logged in to, and has the folders that are read. One login, none is repeated."""

import asyncio
from pathlib import Path

from cli.doctor.checks.certificates import check_certificate
from cli.doctor.finding import Finding, found_error, listed
from cli.doctor.house import House
from connectors.certificate_look import Server
from connectors.mailbox.open import open_mailbox
from runtime.errors import MaildeskError
from schemas.mailbox import ImapSource, Mailbox, MaildirSource
from schemas.odoo_source import OdooSource
from schemas.pop3_source import Pop3Source


async def check_mailbox(house: House, mailbox: Mailbox) -> list[Finding]:
    """What keeps it from being read. Nothing is selected, and no mail is touched."""
    source = mailbox.source
    if isinstance(source, OdooSource):
        return []
    place = place_of(mailbox)
    if isinstance(source, ImapSource | Pop3Source):
        kind = "imap" if isinstance(source, ImapSource) else "pop3"
        server = Server(source.host, source.port, kind, source.security == "starttls", house.seconds)  # type: ignore[arg-type]  # one of two
        certificate = await check_certificate(house, server, place) if source.security != "none" else []
        if any(each.severity == "error" for each in certificate):
            return certificate
        return [*certificate, *await _folders(house, mailbox, place)]
    if not await asyncio.to_thread(Path(source.path).exists):
        return [Finding("path-missing", place, f"there is no {source.path}", "correct `path` of its source")]
    return await _folders(house, mailbox, place)


def place_of(mailbox: Mailbox) -> str:
    """How findings name it."""
    source = mailbox.source
    if isinstance(source, ImapSource | Pop3Source):
        return f"mailbox {mailbox.id}, {source.host}:{source.port}"
    return f"mailbox {mailbox.id}"


async def _folders(house: House, mailbox: Mailbox, place: str) -> list[Finding]:
    connection = open_mailbox(
        mailbox, house.secrets, timeouts=house.mail_timeouts, ssl_context=house.ssl_context, tokens=house.tokens
    )
    try:
        there = await connection.folders()
    except MaildeskError as error:
        return [found_error(error, place)]
    finally:
        await connection.close()
    wanted = _wanted(mailbox)
    missing = [name for name in wanted if name not in there and name.upper() != "INBOX"]
    return [_missing(name, wanted[name], there, place) for name in missing]


def _wanted(mailbox: Mailbox) -> dict[str, str]:
    """Folder to the field that names it."""
    source = mailbox.source
    if not isinstance(source, ImapSource | MaildirSource):
        return {}
    inbox = {source.inbox: "inbox"} if isinstance(source, ImapSource) else {}
    sent = {source.sent: "sent"} if source.sent else {}
    return inbox | dict.fromkeys(source.folders, "folders") | sent


def _missing(name: str, field: str, there: list[str], place: str) -> Finding:
    """Without its inbox a mailbox is not read; other folders that are not there are passed over."""
    passed = {"sent": ", so sent mail is not seen", "folders": ", so its mail is not seen"}.get(field, "")
    text = f"there is no folder {name!r}{passed}"
    remedy = f"correct `{field}` of its source; its folders: {listed(there)}"
    return Finding("folder-missing", place, text, remedy, "error" if field == "inbox" else "warning")
