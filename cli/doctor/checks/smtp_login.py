"""Whether a mailbox can send: its server, its certificate, its login. Nothing is sent."""

import asyncio
import contextlib

from cli.doctor.checks.certificates import check_certificate
from cli.doctor.finding import Finding, found_error
from cli.doctor.house import House
from cli.reply_warnings import unanswering
from connectors.certificate_look import Server
from connectors.smtp.login import SmtpAccount, open_client
from runtime.errors import MaildeskError
from schemas.mailbox import Mailbox
from schemas.outgoing import Outgoing


async def check_outgoing(house: House, mailbox: Mailbox) -> list[Finding]:
    """What keeps its replies from going out."""
    outgoing = mailbox.outgoing
    if outgoing is None:
        rules = [rule for rule in house.rules if rule.mailbox == mailbox.id]
        return [_no_outgoing(rule, text) for rule, text in unanswering(rules, [mailbox])]
    place = f"mailbox {mailbox.id}, outgoing {outgoing.host}:{outgoing.port}"
    server = Server(outgoing.host, outgoing.port, "smtp", outgoing.security == "starttls", house.seconds)
    certificate = await check_certificate(house, server, place) if outgoing.security != "none" else []
    if any(each.severity == "error" for each in certificate):
        return certificate
    return [*certificate, *await _login(house, mailbox.id, outgoing, place)]


async def _login(house: House, mailbox: str, outgoing: Outgoing, place: str) -> list[Finding]:
    account = SmtpAccount(
        mailbox,
        outgoing,
        lambda: house.secrets(outgoing.password or ""),
        house.smtp_timeouts,
        house.ssl_context,
        house.tokens.source(mailbox, outgoing.oauth) if outgoing.oauth else None,
    )
    try:
        async with house.threads:
            await asyncio.to_thread(_open_and_close, account)
    except MaildeskError as error:
        return [found_error(error, place)]
    return []


def _open_and_close(account: SmtpAccount) -> None:
    client = open_client(account)
    with contextlib.suppress(Exception):  # whatever it says to QUIT, it took the login
        client.quit()


def _no_outgoing(rule: str, text: str) -> Finding:
    found, _, remedy = text.partition("; ")
    return Finding("no-outgoing", f"rule {rule}", found, remedy)
