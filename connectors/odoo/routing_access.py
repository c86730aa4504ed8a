"""Who may write to an alias, as Odoo 17 decides it (`_alias_get_error` of mail and hr)."""

from typing import Final

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Odoo
from connectors.odoo.routing_book import Alias
from connectors.odoo.senders import find_partners

_EVERYTHING: Final = {"active_test": False}


async def exists(odoo: Odoo, model: str, record: int) -> bool:
    """Whether the record is there, archived or not, and the account may read it. Raises ModelMissingError."""
    asked = {"fields": ["id"], "limit": 1, "context": _EVERYTHING}
    return bool(await odoo.call(model, "search_read", [[["id", "=", record]]], asked))


async def takes_mail(odoo: Odoo, model: str) -> bool:
    """Whether the model inherits `mail.thread`. Raises ModelMissingError."""
    return "message_ids" in await odoo.fields_get(model)


async def refusal(odoo: Odoo, alias: Alias, record: int | None, sender: str) -> str | None:
    """Why the alias bounces a mail of this sender (an address, normalized); None: it takes it.

    `record`: the one of the alias' model that the mail would be added to. An account sees the followers and employees
    that it may read; Odoo's gateway sees all.
    """
    if alias.contact == "followers":
        held = (alias.model, record) if record else alias.parent
        if held is None:
            return "restricted to followers, of no record: the alias is not configured right"
        if "message_partner_ids" not in await odoo.fields_get(held[0]):
            return f"restricted to followers, which {held[0]} has not: the alias is not configured right"
        return None if await _follows(odoo, held, sender) else f"restricted to the followers of {held[0]} {held[1]}"
    if alias.contact == "partners":
        return None if await find_partners(odoo, [sender]) else "restricted to known contacts"
    if alias.contact == "employees":
        return None if await _is_employee(odoo, sender) else "restricted to employees"
    return None


async def _follows(odoo: Odoo, held: tuple[str, int], sender: str) -> bool:
    if not sender or await odoo.search_read("mail.alias", [["alias_full_name", "=", sender]], ["id"], limit=1):
        return False
    domain = [["res_model", "=", held[0]], ["res_id", "=", held[1]], ["partner_id.email_normalized", "=", sender]]
    return bool(await odoo.search_read("mail.followers", domain, ["id"], limit=1))


async def _is_employee(odoo: Odoo, sender: str) -> bool:
    if not sender:
        return False
    domain = ["|", ["work_email", "ilike", sender], ["user_id.email", "ilike", sender]]
    try:
        return bool(await odoo.search_read("hr.employee", domain, ["id"], limit=1))
    except ModelMissingError:
        return False
