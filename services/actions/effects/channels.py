"""Discuss channels by what a rule calls them. They must exist; none is ever created."""

import re
from dataclasses import dataclass

from connectors.odoo.port import Odoo
from runtime.errors import PermanentError
from services.actions.effects.odoo_site import OdooSite

MODELS = ("discuss.channel", "mail.channel")
"""Odoo 17 and newer, and before."""
_EXTERNAL_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_.\-]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DiscussChannel:
    """A channel that the API user may see."""

    model: str
    id: int
    name: str


async def find_channel(site: OdooSite, wanted: str) -> DiscussChannel:
    """By external id, else by name (with or without `#`), else by database id.

    Raises PermanentError (`channel-missing`, `channel-ambiguous`) and DeclinedError when there is no Discuss.
    """
    model = MODELS[0] if await site.fields_if_any(MODELS[0]) is not None else MODELS[1]
    await site.fields(model, "Discuss")
    rows = await _by_external_id(site.odoo, model, wanted) or await _by_name(site.odoo, model, wanted.removeprefix("#"))
    if not rows and _NUMBER.fullmatch(wanted):
        rows = await _search(site.odoo, model, ["id", "=", int(wanted)])
    if not rows:
        raise PermanentError(
            f"Odoo has no channel {wanted!r} that the API user may see; create it in Discuss or name another one",
            code="channel-missing",
        )
    if len(rows) > 1:
        ids = ", ".join(str(row.id) for row in rows[:_SHOWN])
        raise PermanentError(
            f"Odoo has several channels named {wanted!r} (ids {ids}); name one by its id or external id",
            code="channel-ambiguous",
        )
    return rows[0]


async def _by_external_id(odoo: Odoo, model: str, wanted: str) -> list[DiscussChannel]:
    if not _EXTERNAL_ID.fullmatch(wanted):
        return []
    found = (await odoo.resolve_external_ids([wanted])).get(wanted)
    return await _search(odoo, model, ["id", "=", found[1]]) if found is not None and found[0] == model else []


async def _by_name(odoo: Odoo, model: str, name: str) -> list[DiscussChannel]:
    return await _search(odoo, model, ["name", "=", name])


async def _search(odoo: Odoo, model: str, leaf: list[object]) -> list[DiscussChannel]:
    # direct chats have names too, made of their members'
    domain = [leaf, ["channel_type", "in", ["channel", "group"]]]
    rows = await odoo.search_read(model, domain, ["name"], limit=_SHOWN, order="id")
    return [DiscussChannel(model, int(row["id"]), str(row["name"])) for row in rows]
