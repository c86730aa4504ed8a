"""Whether Odoo's gateway drops a mail because its sender made too many records lately (`_detect_loop_sender`)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from connectors.odoo.errors import usable_without
from connectors.odoo.port import Odoo
from connectors.odoo.routing_book import RoutingBook
from runtime.errors import PermanentError

_BY_MODEL: Final = {"helpdesk.ticket": "partner_email"}
_ADDRESS_FIELDS: Final = ("email_from", "email")
"""Odoo's `_primary_email` of a model cannot be asked over RPC; these are what its own apps name."""
TAG: Final = "-loop-detection-bounce-email@"


async def makes_too_many(odoo: Odoo, book: RoutingBook, models: Iterable[str], sender: str, now: datetime) -> str:
    """The model of which the sender made `mail.gateway.loop.threshold` records lately; empty: none.

    `now` is Odoo's, in UTC. An address among `mail.gateway.allowed` is never counted.
    """
    if not sender or await _is_allowed(odoo, sender):
        return ""
    since = (now - timedelta(minutes=book.loop_minutes)).strftime("%Y-%m-%d %H:%M:%S")
    for model in sorted(set(models)):
        fields = await odoo.fields_get(model)
        address = next((each for each in (_BY_MODEL.get(model, ""), *_ADDRESS_FIELDS) if each in fields), "")
        if not address or "create_date" not in fields:
            continue
        domain = [["create_date", ">", since], [address, "ilike", sender]]
        if len(await odoo.search_read(model, domain, ["id"], limit=max(book.loop_threshold, 1))) >= book.loop_threshold:
            return model
    return ""


async def _is_allowed(odoo: Odoo, sender: str) -> bool:
    asked = [["email_normalized", "=", sender]]
    try:
        return bool(await odoo.search_read("mail.gateway.allowed", asked, ["id"], limit=1))
    except PermanentError as error:
        usable_without(error)
        return False
