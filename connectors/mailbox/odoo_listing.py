"""Which messages there are: a page of ids at a time, whatever Odoo hides of a page."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from connectors.mailbox.odoo_window import Row, moment
from connectors.odoo.port import Odoo

MESSAGE: Final = "mail.message"
PAGE: Final = 1_000
HIDDEN: Final = (50_000, 5_000_000)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def listed(odoo: Odoo, domain: Sequence[Any], after: int, *, thorough: bool) -> AsyncIterator[list[Row]]:
    """All messages of the domain above an id, in pages in the order of their ids.

    Odoo cuts a page first and then takes out what the account may not read (Odoo 17: `mail.message._search`), so an
    empty page is not the end. `thorough` looks behind one, as far as a database may reach; that need not be each time.
    """
    while True:
        rows = await _page(odoo, domain, after, PAGE)
        for limit in HIDDEN if thorough else ():
            rows = rows or await _page(odoo, domain, after, limit)
        if not rows:
            return
        yield rows
        after = rows[-1].id


async def _page(odoo: Odoo, domain: Sequence[Any], after: int, limit: int) -> list[Row]:
    found = await odoo.search_read(MESSAGE, [*domain, ["id", ">", after]], ["create_date"], limit=limit, order="id")
    return [Row(int(each["id"]), moment(each.get("create_date")) or _LONG_AGO) for each in found[:PAGE]]
