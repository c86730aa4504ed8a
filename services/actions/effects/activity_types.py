"""Activity types by external id or name."""

import re
from dataclasses import dataclass

from connectors.odoo.port import Odoo
from runtime.errors import PermanentError

MODEL = "mail.activity.type"
_EXTERNAL_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_.\-]+")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ActivityType:
    """`on`: the only model that it is for; empty for all."""

    id: int
    on: str


async def find_types(odoo: Odoo, wanted: str) -> list[ActivityType]:
    """Those with this external id, else with this name (in the language of the API user)."""
    if _EXTERNAL_ID.fullmatch(wanted):
        found = (await odoo.resolve_external_ids([wanted])).get(wanted)
        if found is not None and found[0] == MODEL:
            return await _search(odoo, ["id", "=", found[1]])
    return await _search(odoo, ["name", "=", wanted])


def pick_type(types: list[ActivityType], wanted: str, model: str) -> ActivityType:
    """The one that suits the model. Raises PermanentError (`activity-type-missing`, `activity-type-ambiguous`)."""
    suitable = [each for each in types if each.on in ("", model)]
    if not suitable:
        text = f"Odoo has no activity type {wanted!r} for {model}; name one by its external id or its name"
        raise PermanentError(text, code="activity-type-missing")
    if len(suitable) > 1:
        ids = ", ".join(str(each.id) for each in suitable)
        text = f"Odoo has several activity types {wanted!r} for {model} (ids {ids}); name one by its external id"
        raise PermanentError(text, code="activity-type-ambiguous")
    return suitable[0]


async def _search(odoo: Odoo, leaf: list[object]) -> list[ActivityType]:
    rows = await odoo.search_read(MODEL, [leaf], ["res_model"], limit=_SHOWN, order="id")
    return [ActivityType(int(row["id"]), str(row["res_model"] or "")) for row in rows]
