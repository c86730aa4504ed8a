"""The apps that a stand-in may have: without CRM there are no leads, and Helpdesk comes in two kinds, or not at all."""

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from connectors.odoo.standin.helpdesk import ENTERPRISE, OCA
from connectors.odoo.standin.mail_setup import MAIL_SETUP, THREAD
from connectors.odoo.standin.models import ACTIVE, CALLER, MODELS, Field, Model, char, one, with_automatic

App = Literal["crm", "helpdesk", "helpdesk_mgmt"]
"""`helpdesk` is Odoo Enterprise's, `helpdesk_mgmt` that of the Odoo Community Association."""

USUAL: tuple[App, ...] = ("crm",)

_CHANNEL_TYPES = (("chat", "Chat"), ("channel", "Channel"), ("group", "Group"))
_STATUSES = (("ready", "Ready to Send"), ("pending", "Sent"), ("sent", "Delivered"))
_KINDS = (("inbox", "Inbox"), ("email", "Email"))
_DISCUSS = with_automatic(
    {
        "mail.thread": Model("Email Thread", {}, "id"),
        "discuss.channel": Model(
            "Discussion Channel",
            {"name": char("Name", required=True), "active": ACTIVE}
            | {"channel_type": Field("selection", "Channel Type", selection=_CHANNEL_TYPES, default="channel")},
            thread=True,
        ),
        "mail.notification": Model(
            "Message Notifications",
            {"mail_message_id": one("Message", "mail.message"), "res_partner_id": one("Recipient", "res.partner")}
            | {"notification_type": Field("selection", "Notification Type", selection=_KINDS, default="inbox")}
            | {"notification_status": Field("selection", "Status", selection=_STATUSES, default="ready")}
            | {"is_read": Field("boolean", "Is Read")},
            "res_partner_id",
            unique=((("mail_message_id", "res_partner_id"), "duplicate key value"),),
        ),
        "mail.activity.type": Model(
            "Activity Type", {"name": char("Name", required=True), "active": ACTIVE, "res_model": char("Model")}
        ),
        "mail.activity": Model(
            "Activity",
            {"res_model": char("Related Document Model"), "summary": char("Summary"), "active": ACTIVE}
            | {"res_id": Field("many2one_reference", "Related Document ID"), "note": Field("html", "Note")}
            | {"activity_type_id": one("Activity Type", "mail.activity.type")}
            | {"user_id": one("Assigned to", "res.users", CALLER)}
            | {"date_deadline": Field("date", "Due Date", required=True)},
            "summary",
            indexed=("res_id",),
        ),
    }
)
_ACTIVITIES = {"activity_ids": Field("one2many", "Activities", relation="mail.activity", readonly=True)}


def models_of(apps: Collection[App]) -> dict[str, Model]:
    """What an Odoo with these apps knows."""
    found = {name: model for name, model in MODELS.items() if "crm" in apps or not name.startswith("crm.")}
    found |= _DISCUSS | MAIL_SETUP
    if "helpdesk" in apps:
        found |= ENTERPRISE
    if "helpdesk_mgmt" in apps:
        found |= OCA
    for name in ("crm.lead", "res.partner", "helpdesk.ticket"):
        if name in found:
            found[name] = replace(found[name], fields={**found[name].fields, **_ACTIVITIES})
    threads = {name: model for name, model in found.items() if model.thread}
    return found | {name: replace(model, fields={**model.fields, **THREAD}) for name, model in threads.items()}
