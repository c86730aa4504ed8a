"""For each action type in Odoo: a command for a mail, and where to look for what it left there."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from schemas.command import ActionCommand
from tests.integration.actions.desks import OdooDesk

Wanted = Callable[..., ActionCommand]
"""Makes the command of an action for the desk's first mail; facts of the mail may be given."""
Domain = list[list[Any]]


class Asked(NamedTuple):
    """The command, and which records it makes."""

    given: ActionCommand
    model: str
    domain: Domain


Case = Callable[[OdooDesk, Wanted], Awaitable[Asked]]


async def lead(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A new lead."""
    return Asked(wanted({"type": "crm_lead"}), "crm.lead", [["email_from", "like", odoo.tag]])


async def note(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A note on the lead that Odoo's gateway made of the mail that this one answers."""
    made = await _filed(odoo, odoo.ident(9))
    given = wanted({"type": "crm_lead"}, references=(odoo.ident(9),))
    return Asked(given, "mail.message", [["model", "=", "crm.lead"], ["res_id", "=", made], ["subject", "!=", False]])


async def ticket(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A new ticket."""
    return Asked(wanted({"type": "helpdesk_ticket"}), "helpdesk.ticket", [["partner_email", "like", odoo.tag]])


async def attach(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A lead that the gateway makes."""
    given = wanted({"type": "attach_to_record", "fallback_model": "crm.lead"})
    return Asked(given, "crm.lead", [["email_from", "like", odoo.tag]])


async def user(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A notification of the API user."""
    given = wanted({"type": "notify_user", "users": [odoo.site.account.login], "text": "{subject} " + odoo.tag})
    return Asked(given, "mail.message", [["message_type", "=", "user_notification"], ["body", "like", odoo.tag]])


async def channel(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A message in a channel of the test's own."""
    name = f"Sales {odoo.tag}"
    made = await odoo.site.odoo.call("discuss.channel", "create", [{"name": name}])
    domain: Domain = [["model", "=", "discuss.channel"], ["res_id", "=", made], ["message_type", "=", "comment"]]
    return Asked(wanted({"type": "notify_channel", "channel": name}), "mail.message", domain)


async def activity(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """An activity on the lead on which Odoo has filed the mail."""
    made = await _filed(odoo, odoo.ident(1))
    domain: Domain = [["res_model", "=", "crm.lead"], ["res_id", "=", made]]
    return Asked(wanted({"type": "activity"}), "mail.activity", domain)


async def _filed(odoo: OdooDesk, ident: str) -> int:
    made = await odoo.site.lead(f"gateway-{odoo.tag}", email_from=f"gateway-{odoo.tag[::-1]}@example.org")
    values = {"model": "crm.lead", "res_id": made, "message_type": "email", "message_id": ident}
    await odoo.site.odoo.call("mail.message", "create", [values])
    return made


IN_ODOO: dict[str, tuple[str, Case]] = {
    "crm_lead": ("crm.lead", lead),
    "crm_lead_note": ("crm.lead", note),
    "helpdesk_ticket": ("helpdesk.ticket", ticket),
    "attach_to_record": ("crm.lead", attach),
    "notify_user": ("mail.message", user),
    "notify_channel": ("discuss.channel", channel),
    "activity": ("crm.lead", activity),
}
"""By name: the model that Odoo must have, and the case."""


async def ids(odoo: OdooDesk, model: str, domain: Domain) -> list[int]:
    """Of those that are there."""
    return [row["id"] for row in await odoo.found(model, domain)]


async def clean(odoo: OdooDesk) -> None:
    """Delete what the cases of this desk left."""
    for model, domain in (
        ("crm.lead", [["email_from", "like", odoo.tag]]),
        ("crm.lead", [["name", "=", f"gateway-{odoo.tag}"]]),
        ("discuss.channel", [["name", "=", f"Sales {odoo.tag}"]]),
    ):
        await odoo.remove(model, await ids(odoo, model, domain))
    await odoo.remove_messages(await ids(odoo, "mail.message", [["body", "like", odoo.tag]]))
