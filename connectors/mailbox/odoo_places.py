"""Which messages of Odoo belong to a folder, by their ids, without reading them."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import quote

from connectors.mailbox.odoo_listing import MESSAGE, listed
from connectors.mailbox.odoo_reading import written_by_us
from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.odoo_sides import side_of
from connectors.mailbox.port import Place, Position
from schemas.domain import plain
from schemas.ids import is_own_message_id
from schemas.odoo_source import OdooSource


async def places(host: OdooHost, source: OdooSource, folder: str, since: date | None) -> AsyncIterator[list[Place]]:
    """See MailboxConnection; what MailDesk wrote itself is left out, as a scan leaves it out."""
    domain: list[Any] = [*plain(source.domain), *side_of(folder)]
    if since is not None:
        domain.append(["create_date", ">=", f"{since:%Y-%m-%d} 00:00:00"])
    database = quote(host.database, safe="")
    async for rows in listed(host.odoo, domain, 0, thorough=True):
        ids = [row.id for row in rows]
        ours = await written_by_us(host.odoo, ids)
        named = await host.odoo.search_read(MESSAGE, [["id", "in", ids]], ["message_id"], limit=len(ids), order="id")
        there = {int(each["id"]) for each in named if not is_own_message_id(str(each["message_id"] or ""))}
        yield [
            Place(Position(folder, host.database, str(each)), f"{each - 1}@{database}")
            for each in ids
            if each in there and each not in ours
        ]
