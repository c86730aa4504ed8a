"""Where mail that lies in Odoo is filed, and who wrote it, as Odoo says: no address or reference is looked up."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.odoo.port import Odoo
from connectors.odoo.routing import Routed


@dataclass(frozen=True, slots=True)
class Home:
    """`author`: a res.partner; `routed`: the record; None: there is none."""

    author: int | None
    routed: Routed | None


NOWHERE = Home(None, None)


async def homes_of(odoo: Odoo, messages: Sequence[int]) -> dict[int, Home]:
    """By message, of those that are still there. Asks nothing where there are none. Raises as the port of Odoo says."""
    if not messages:
        return {}
    asked = ["author_id", "model", "res_id"]
    rows = await odoo.search_read("mail.message", [["id", "in", list(messages)]], asked, limit=len(messages))
    return {
        int(row["id"]): Home(
            int(row["author_id"][0]) if row["author_id"] else None,
            (str(row["model"]), int(row["res_id"])) if row["model"] and row["res_id"] else None,
        )
        for row in rows
    }
