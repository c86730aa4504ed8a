"""Users of Odoo by their logins."""

from collections.abc import Collection
from dataclasses import dataclass

from connectors.odoo.port import Odoo
from runtime.errors import PermanentError


@dataclass(frozen=True, slots=True)
class OdooUser:
    """An active employee's user, and its contact."""

    id: int
    partner: int


async def find_users(odoo: Odoo, logins: Collection[str]) -> dict[str, OdooUser]:
    """Login → user, for those that are active and no portal users."""
    if not logins:
        return {}
    domain = [["login", "in", sorted(logins)], ["share", "=", False]]
    rows = await odoo.search_read("res.users", domain, ["login", "partner_id"], limit=len(logins))
    return {str(row["login"]): OdooUser(int(row["id"]), int(row["partner_id"][0])) for row in rows}


def require_users(users: dict[str, OdooUser], logins: Collection[str]) -> list[OdooUser]:
    """In the order of the logins. Raises PermanentError (`user-unknown`) that names those that are missing."""
    if unknown := [login for login in logins if login not in users]:
        named = ", ".join(unknown)
        text = f"Odoo has no active internal user with the login {named}; correct the rule, or activate the user"
        raise PermanentError(text, code="user-unknown")
    return [users[login] for login in logins]
