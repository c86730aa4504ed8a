"""For each action type in Odoo: a command for a mail, and where to look for what it left there."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from schemas.command import ActionCommand
from tests.integration.actions.desks import OdooDesk

Wanted = Callable[..., ActionCommand]
"""Makes the command of an action for the desk's first mail; facts of the mail may be given."""
Domain = list[list[Any]]


class Asked(NamedTuple):
    """The command, and what it makes, in the order of the calls that make it."""

    given: ActionCommand
    made: tuple[tuple[str, Domain], ...]


Case = Callable[[OdooDesk, Wanted], Awaitable[Asked]]


def raw_mail(odoo: OdooDesk) -> bytes:
    """The desk's first mail: a text and a file."""
    head = (
        f"Message-ID: {odoo.ident(1)}\r\nFrom: {odoo.tag}@x.example\r\nSubject: Offer {odoo.tag}\r\nMIME-Version: 1.0"
    )
    kind = 'Content-Type: multipart/mixed; boundary="b"'
    text = "Content-Type: text/plain\r\n\r\nHi\r\n"
    file = f"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=terms-{odoo.tag}.txt\r\n\r\n1.\r\n"
    return f"{head}\r\n{kind}\r\n\r\n--b\r\n{text}--b\r\n{file}--b--\r\n".encode()


def _shown(odoo: OdooDesk, model: str) -> tuple[tuple[str, Domain], ...]:
    """The mail in a record's chatter: its file, then the message."""
    file: Domain = [["name", "=", f"terms-{odoo.tag}.txt"], ["res_model", "=", model]]
    return ("ir.attachment", file), ("mail.message", [["message_id", "=", odoo.ident(1)], ["model", "=", model]])


async def lead(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A new lead with the mail in its chatter."""
    made: Domain = [["email_from", "like", odoo.tag]]
    return Asked(wanted({"type": "crm_lead"}), (("crm.lead", made), *_shown(odoo, "crm.lead")))


async def added(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """The mail in the chatter of the lead that Odoo's gateway made of the mail that this one answers."""
    await _filed(odoo, odoo.ident(9))
    return Asked(wanted({"type": "crm_lead"}, references=(odoo.ident(9),)), _shown(odoo, "crm.lead"))


async def ticket(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A new ticket with the mail in its chatter."""
    made: Domain = [["partner_email", "like", odoo.tag]]
    return Asked(wanted({"type": "helpdesk_ticket"}), (("helpdesk.ticket", made), *_shown(odoo, "helpdesk.ticket")))


async def attach(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A lead that the gateway makes."""
    given = wanted({"type": "attach_to_record", "fallback_model": "crm.lead"})
    return Asked(given, (("crm.lead", [["email_from", "like", odoo.tag]]),))


async def user(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A notification of the API user."""
    given = wanted({"type": "notify_user", "users": [odoo.site.account.login], "text": "{subject} " + odoo.tag})
    return Asked(given, (("mail.message", [["message_type", "=", "user_notification"], ["body", "like", odoo.tag]]),))


async def channel(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """A message in a channel of the test's own."""
    name = f"Sales {odoo.tag}"
    made = await odoo.site.odoo.call("discuss.channel", "create", [{"name": name}])
    domain: Domain = [["model", "=", "discuss.channel"], ["res_id", "=", made], ["message_type", "=", "comment"]]
    return Asked(wanted({"type": "notify_channel", "channel": name}), (("mail.message", domain),))


async def activity(odoo: OdooDesk, wanted: Wanted) -> Asked:
    """An activity on the lead on which Odoo has filed the mail."""
    made = await _filed(odoo, odoo.ident(1))
    domain: Domain = [["res_model", "=", "crm.lead"], ["res_id", "=", made]]
    return Asked(wanted({"type": "activity"}), (("mail.activity", domain),))


async def _filed(odoo: OdooDesk, ident: str) -> int:
    made = await odoo.site.lead(f"gateway-{odoo.tag}", email_from=f"gateway-{odoo.tag[::-1]}@example.org")
    values = {"model": "crm.lead", "res_id": made, "message_type": "email", "message_id": ident}
    await odoo.site.odoo.call("mail.message", "create", [values])
    return made


class Kind(NamedTuple):
    """A case, the model that Odoo must have for it, and how many calls change Odoo."""

    case: Case
    needs: str
    calls: int = 1


IN_ODOO = {
    "crm_lead": Kind(lead, "crm.lead", 3),
    "crm_lead_added": Kind(added, "crm.lead", 2),
    "helpdesk_ticket": Kind(ticket, "helpdesk.ticket", 3),
    "attach_to_record": Kind(attach, "crm.lead"),
    "notify_user": Kind(user, "mail.message"),
    "notify_channel": Kind(channel, "discuss.channel"),
    "activity": Kind(activity, "crm.lead"),
}


def type_of(name: str) -> str:
    """The action type of a case."""
    return name.removesuffix("_added")


async def ids(odoo: OdooDesk, model: str, domain: Domain) -> list[int]:
    """Of those that are there."""
    return [row["id"] for row in await odoo.found(model, domain)]


async def counts(odoo: OdooDesk, asked: Asked) -> list[int]:
    """How often each of it is there."""
    return [len(await ids(odoo, model, domain)) for model, domain in asked.made]


async def clean(odoo: OdooDesk) -> None:
    """Delete what the cases of this desk left."""
    for model, domain in (
        ("crm.lead", [["email_from", "like", odoo.tag]]),
        ("crm.lead", [["name", "=", f"gateway-{odoo.tag}"]]),
        ("discuss.channel", [["name", "=", f"Sales {odoo.tag}"]]),
    ):
        await odoo.remove(model, await ids(odoo, model, domain))
    await odoo.remove_messages(await ids(odoo, "mail.message", [["body", "like", odoo.tag]]))
