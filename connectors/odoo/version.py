"""Which Odoo answers, and so which protocol is spoken."""

from connectors.odoo.channel import Channel, json_object
from connectors.odoo.errors import from_status
from connectors.odoo.port import OdooVersion
from runtime.errors import OutcomeUnknownError, PermanentError, TargetDownError

FIRST_JSON_2 = 19
"""JSON-RPC still answers there, deprecated, and is gone in Odoo 22."""


def version_of(text: object) -> OdooVersion:
    """ "17.0" or "saas~17.2+e". Raises PermanentError for what is no version."""
    digits = str(text).rpartition("~")[2].partition(".")[0]
    if not isinstance(text, str) or not digits.isdecimal():
        raise PermanentError("no Odoo answers at this URL: its version has no number", code="odoo-url")
    return OdooVersion(major=int(digits), text=text)


async def web_version(channel: Channel) -> OdooVersion | None:
    """`GET /web/version`, which tells the version without a login; None where there is none, up to Odoo 18."""
    try:
        response = await channel.get("/web/version")
    except OutcomeUnknownError as error:
        # a question changes nothing, so nothing is unknown
        raise TargetDownError(error.text, code="odoo-down") from None
    if response.status_code in (303, 404):
        return None
    if refused := from_status(response.status_code):
        raise refused
    return version_of(json_object(response).get("version"))
