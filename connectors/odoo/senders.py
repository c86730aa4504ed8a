"""Which partner a sender is, as Odoo 17 picks it (`mail.thread._mail_find_partner_from_emails`), many in one call.

The order there: addresses that are an alias belong to nobody; partners of active users first, then other partners,
each in the order of `res.partner` (name, then the newest). Left out, since they depend on more than the address: the
followers of the record that the mail is routed to, which Odoo looks at first, and the calling account's own partner.
Record rules apply here and not to Odoo's own search among users.
"""

from collections.abc import Collection

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Json, Odoo

LIMIT = 2_000
CHUNK = 500


def normalized(address: str) -> str:
    """As `odoo.tools.email_normalize` makes `email_normalized`: lower case, but not a local part beyond ASCII."""
    local, at, domain = address.strip().rpartition("@")
    return (local.lower() if local.isascii() else local) + at + domain.lower() if at else ""


async def find_partners(odoo: Odoo, addresses: Collection[str]) -> dict[str, int]:
    """Address → id of its partner, for those that have one. Raises TransientError when Odoo is away."""
    spelled = {address: normalized(address) for address in addresses}
    emails = sorted({email for email in spelled.values() if email})
    found: dict[str, int] = {}
    for start in range(0, len(emails), CHUNK):
        part = emails[start : start + CHUNK]
        taken = await _aliases(odoo, part)
        found.update(await _partners(odoo, [email for email in part if email not in taken]))
    return {address: found[email] for address, email in spelled.items() if email in found}


async def knows_aliases(odoo: Odoo) -> bool:
    """Whether aliases can be looked up by their whole address, as from Odoo 17 on."""
    try:
        return "alias_full_name" in await odoo.fields_get("mail.alias")
    except ModelMissingError:
        return False


async def _aliases(odoo: Odoo, emails: list[str]) -> set[str]:
    if not await knows_aliases(odoo):
        return set()
    domain = [["alias_full_name", "in", emails]]
    rows = await odoo.search_read("mail.alias", domain, ["alias_full_name"], limit=LIMIT)
    return {str(row["alias_full_name"]) for row in rows}


async def _partners(odoo: Odoo, emails: list[str]) -> dict[str, int]:
    if not emails:
        return {}
    rows = await _search(odoo, emails, [])
    if len(rows) < LIMIT:
        return _first(rows)
    if len(emails) == 1:  # an address that thousands share
        return _first([*await _search(odoo, emails, [["user_ids", "!=", False]]), *rows])
    middle = len(emails) // 2
    return {**await _partners(odoo, emails[:middle]), **await _partners(odoo, emails[middle:])}


async def _search(odoo: Odoo, emails: list[str], more: list[list[object]]) -> list[Json]:
    domain = [["email_normalized", "in", emails], *more]
    return await odoo.search_read("res.partner", domain, ["email_normalized", "user_ids"], limit=LIMIT)


def _first(rows: list[Json]) -> dict[str, int]:
    """The first of each address, users before others."""
    found: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: not row["user_ids"]):
        found.setdefault(str(row["email_normalized"]), int(row["id"]))
    return found
