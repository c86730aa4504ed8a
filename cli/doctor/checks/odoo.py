"""Everything of Odoo, once it answers."""

from cli.doctor.checking import Check, run_checks
from cli.doctor.checks.odoo_aliases import check_aliases
from cli.doctor.checks.odoo_fetchmail import check_fetchmail
from cli.doctor.checks.odoo_login import check_odoo
from cli.doctor.checks.odoo_modules import check_modules
from cli.doctor.checks.odoo_outgoing import check_outgoing_servers, check_queue
from cli.doctor.finding import Finding
from cli.doctor.house import House

LOOKS = (check_modules, check_fetchmail, check_outgoing_servers, check_queue, check_aliases)


async def look_at_odoo(house: House) -> list[Finding]:
    """One finding where it cannot be used; else what each look finds."""
    found = await check_odoo(house)
    if any(each.severity == "error" for each in found):
        return found
    return [*found, *await run_checks(house, [Check("odoo", "Odoo", look) for look in LOOKS])]
