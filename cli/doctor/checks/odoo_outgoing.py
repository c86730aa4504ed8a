"""Whether Odoo can send mail, and whether it does: its outgoing servers, and what is stuck in its queue."""

from datetime import timedelta
from typing import Final

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Domain, Json, Odoo
from runtime.errors import PermanentError

SENDING: Final = frozenset(
    {"notify_user", "notify_channel", "activity", "crm_lead", "helpdesk_ticket", "attach_to_record"}
)
"""Actions after which Odoo may send mail to followers or users."""
LATE: Final = timedelta(hours=1)
MOST: Final = 1000


async def check_outgoing_servers(house: House) -> list[Finding]:
    """A warning where rules make Odoo notify people, and it has no outgoing server of its own."""
    rules = [rule.id for rule in house.acting if any(action.type in SENDING for action in rule.actions)]
    if house.odoo is None or not rules:
        return []
    servers = await _read(house.odoo, "ir.mail_server", [], ["name"])
    if servers is None or servers:
        return []
    text = f"Odoo has no outgoing mail server, but its rules make it notify people: {listed(rules, 5)}"
    remedy = "add one in Odoo (Settings, Technical, Outgoing Mail Servers), unless its machine takes mail on port 25"
    return [Finding("odoo-no-outgoing", "Odoo", text, remedy, "warning")]


async def check_queue(house: House) -> list[Finding]:
    """Mail that Odoo could not send, and mail that waits for longer than an hour."""
    if house.odoo is None:
        return []
    failed = await _read(house.odoo, "mail.mail", [["state", "=", "exception"]], ["create_date", "failure_type"])
    late = (house.now - LATE).strftime("%Y-%m-%d %H:%M:%S")
    waiting = [["state", "=", "outgoing"], ["create_date", "<", late], ["scheduled_date", "=", False]]
    stuck = await _read(house.odoo, "mail.mail", waiting, ["create_date"])
    found: list[Finding] = []
    if failed:
        kinds = sorted({str(row["failure_type"] or "unknown") for row in failed})
        text = f"Odoo could not send {_count(failed)}, the oldest of {_oldest(failed)} UTC: {listed(kinds, 5)}"
        remedy = "read the reasons in Odoo (Settings, Technical, Emails), mend them, and choose Retry"
        found.append(Finding("odoo-mail-failed", "Odoo", text, remedy))
    if stuck:
        text = f"{_count(stuck)} wait in Odoo's queue for longer than an hour, the oldest since {_oldest(stuck)} UTC"
        remedy = "see in Odoo that the scheduled action Mail: Email Queue Manager is on and runs"
        found.append(Finding("odoo-mail-stuck", "Odoo", text, remedy))
    return found


async def _read(odoo: Odoo, model: str, domain: Domain, fields: list[str]) -> list[Json] | None:
    """None where the account may not know."""
    try:
        return await odoo.search_read(model, domain, fields, limit=MOST, order="id")
    except ModelMissingError:
        return None
    except PermanentError as error:
        if error.code != "odoo-access":
            raise
        return None


def _count(rows: list[Json]) -> str:
    return f"{MOST} mails or more" if len(rows) >= MOST else f"{len(rows)} mail{'s' if len(rows) > 1 else ''}"


def _oldest(rows: list[Json]) -> str:
    return min(str(row["create_date"]) for row in rows)
