"""Which messages there are: a page of ids at a time, whatever Odoo hides of a page."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from connectors.mailbox.odoo_window import Row, moment
from connectors.odoo.port import Odoo

MESSAGE: Final = "mail.message"
PAGE: Final = 1_000
HIDDEN: Final = 50_000
"""Messages that one call looks at at most, so also the longest answer: about 4 MB."""
_HIGHEST: Final = 2**31
"""Ids are four bytes in Postgres."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def listed(odoo: Odoo, domain: Sequence[Any], after: int, *, thorough: bool) -> AsyncIterator[list[Row]]:
    """All messages of the domain above an id, in pages in the order of their ids.

    Odoo cuts a page first and then takes out what the account may not read (Odoo 17: `mail.message._search`), so an
    empty page is not the end. `thorough` looks behind one, as far as ids reach; that need not be each time.
    """
    while True:
        rows = await _page(odoo, domain, after, PAGE)
        if thorough:
            rows = rows or await _page(odoo, domain, after, HIDDEN) or await _behind(odoo, domain, after)
        if not rows:
            return
        yield rows
        after = rows[-1].id


async def _behind(odoo: Odoo, domain: Sequence[Any], after: int) -> list[Row]:
    """The first that may be read above an id, wherever it is. Odoo counts only what may be read, and in few bytes."""
    if not await _count(odoo, [*domain, ["id", ">", after]]):
        return []
    low, width = after, HIDDEN
    while low < _HIGHEST and not await _count(odoo, _between(domain, low, low + width)):
        low, width = low + width, width * 2
    while width > HIDDEN:
        width //= 2
        if not await _count(odoo, _between(domain, low, low + width)):
            low += width
    return await _page(odoo, _between(domain, low, low + width), low, HIDDEN)


def _between(domain: Sequence[Any], low: int, high: int) -> list[Any]:
    return [*domain, ["id", "<=", high], ["id", ">", low]]


async def _count(odoo: Odoo, domain: list[Any]) -> int:
    return int(await odoo.call(MESSAGE, "search_count", [domain]))


async def _page(odoo: Odoo, domain: Sequence[Any], after: int, limit: int) -> list[Row]:
    found = await odoo.search_read(MESSAGE, [*domain, ["id", ">", after]], ["create_date"], limit=limit, order="id")
    return [Row(int(each["id"]), moment(each.get("create_date")) or _LONG_AGO) for each in found[:PAGE]]
