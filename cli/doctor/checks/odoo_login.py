"""Whether Odoo answers, at this address, with this database, for this account. One login."""

from urllib.parse import urlsplit

from cli.doctor.checks.certificates import check_certificate
from cli.doctor.finding import Finding, found_error
from cli.doctor.house import House
from connectors.certificate_look import Server
from runtime.errors import MaildeskError

REMEDIES = {
    "odoo-down": "check MAILDESK_ODOO_URL, and that Odoo runs",
    "odoo-login": "check MAILDESK_ODOO_LOGIN and the secret ODOO_PASSWORD (a password or an API key)",
    "odoo-database": "check MAILDESK_ODOO_DB",
    "odoo-url": "check MAILDESK_ODOO_URL, which looks like https://odoo.company.example",
}


async def check_odoo(house: House) -> list[Finding]:
    """What keeps everything else of Odoo from being looked at."""
    if house.odoo is None or house.account is None:
        return []
    place = f"Odoo {house.account.url}"
    try:
        await house.odoo.version()
        domain = [["login", "=", house.account.login]]
        await house.odoo.search_read("res.users", domain, ["login"], limit=1)
    except MaildeskError as error:
        certificate = await _certificate(house, place) if error.code == "odoo-down" else []
        return certificate or [found_error(error, place, REMEDIES.get(error.code, ""))]
    return await _certificate(house, place)


async def _certificate(house: House, place: str) -> list[Finding]:
    assert house.account is not None
    parts = urlsplit(house.account.url)
    if parts.scheme != "https" or not parts.hostname:
        return []
    return await check_certificate(house, Server(parts.hostname, parts.port or 443, "https"), place)
