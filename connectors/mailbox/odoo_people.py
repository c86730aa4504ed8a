"""Whose star it is, and whose inbox: the contacts of Odoo's users."""

from collections.abc import Sequence

from connectors.odoo.port import Odoo
from runtime.errors import PermanentError


async def contacts_of(odoo: Odoo, logins: Sequence[str]) -> tuple[int, ...]:
    """In the order of the logins. Raises PermanentError (`user-unknown`) that names those that are missing."""
    rows = await odoo.search_read(
        "res.users", [["login", "in", list(logins)]], ["login", "partner_id"], limit=len(logins)
    )
    found = {str(row["login"]): int(row["partner_id"][0]) for row in rows if row["partner_id"]}
    if unknown := [login for login in logins if login not in found]:
        raise PermanentError(
            f"Odoo has no active user with the login {', '.join(unknown)}; correct the mailbox's star_for or "
            "MAILDESK_ODOO_LOGIN",
            code="user-unknown",
        )
    return tuple(found[login] for login in logins)
