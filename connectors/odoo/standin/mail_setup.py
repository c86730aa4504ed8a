"""How mail comes into an Odoo and goes out, as its stand-in knows it (Odoo 17: mail)."""

from connectors.odoo.standin.models import ACTIVE, Field, Model, char, one, with_automatic

_CONTACTS = (("everyone", "Everyone"), ("partners", "Authenticated Partners"), ("followers", "Followers only"))
_SERVERS = (("imap", "IMAP Server"), ("pop", "POP Server"), ("local", "Local Server"), ("gmail", "Gmail"))
_STATES = (("draft", "Not Confirmed"), ("done", "Confirmed"))
_MAIL_STATES = (
    ("outgoing", "Outgoing"),
    ("sent", "Sent"),
    ("received", "Received"),
    ("exception", "Delivery Failed"),
    ("cancel", "Cancelled"),
)

THREAD = {
    "message_ids": Field("one2many", "Messages", relation="mail.message", readonly=True),
    "message_partner_ids": Field("many2many", "Followers (Partners)", relation="res.partner", readonly=True),
}
"""What every model that inherits `mail.thread` has."""

MAIL_SETUP = with_automatic(
    {
        "mail.alias": Model(
            "Email Aliases",
            {"alias_name": char("Alias Name"), "alias_full_name": char("Alias Email")}
            | {"alias_domain_id": one("Alias Domain", "mail.alias.domain")}
            | {"alias_model_id": one("Aliased Model", "ir.model"), "alias_parent_model_id": one("Parent", "ir.model")}
            | {"alias_force_thread_id": Field("integer", "Record Thread ID")}
            | {"alias_parent_thread_id": Field("integer", "Parent Record Thread ID")}
            | {"alias_contact": Field("selection", "Security", selection=_CONTACTS, default="everyone")}
            | {"alias_incoming_local": Field("boolean", "Local-part based incoming detection")},
            "alias_full_name",
            order="alias_model_id.name, alias_name",
        ),
        "mail.alias.domain": Model(
            "Email Domain",
            {"name": char("Name", required=True), "sequence": Field("integer", "Sequence", default=10)}
            | {"bounce_alias": char("Bounce Alias"), "catchall_alias": char("Catchall Alias")},
            order="sequence, id",
        ),
        "mail.gateway.allowed": Model(
            "Mail Gateway Allowed",
            {"email": char("Email Address", required=True), "email_normalized": char("Normalized Email")},
            "email",
        ),
        "mail.followers": Model(
            "Document Followers",
            {"res_model": char("Related Document Model Name", required=True)}
            | {"res_id": Field("many2one_reference", "Related Document ID")}
            | {"partner_id": one("Related Partner", "res.partner")},
            "partner_id",
        ),
        "mail.message.subtype": Model(
            "Message subtypes",
            {"name": char("Message Type", required=True), "internal": Field("boolean", "Internal Only")},
        ),
        "ir.config_parameter": Model("System Parameter", {"key": char("Key", required=True), "value": char("Value")}),
        "ir.cron": Model(
            "Scheduled Actions",
            {"cron_name": char("Name"), "active": ACTIVE, "lastcall": Field("datetime", "Last Execution Date")},
            "cron_name",
        ),
        "fetchmail.server": Model(
            "Incoming Mail Server",
            {"name": char("Name", required=True), "active": ACTIVE, "server": char("Server Name")}
            | {"user": char("Username"), "port": Field("integer", "Port"), "date": Field("datetime", "Last Fetch Date")}
            | {"server_type": Field("selection", "Server Type", selection=_SERVERS, default="imap")}
            | {"state": Field("selection", "Status", selection=_STATES, default="draft")}
            | {"object_id": one("Create a New Record", "ir.model")},
        ),
        "ir.mail_server": Model(
            "Mail Server",
            {"name": char("Name", required=True), "active": ACTIVE, "smtp_host": char("SMTP Server")},
        ),
        "mail.mail": Model(
            "Outgoing Mails",
            {"state": Field("selection", "Status", selection=_MAIL_STATES, default="outgoing")}
            | {"email_to": char("To"), "failure_type": char("Failure type"), "failure_reason": char("Failure Reason")}
            | {"scheduled_date": char("Scheduled Send Date")}
            | {"fetchmail_server_id": one("Inbound Mail Server", "fetchmail.server")},
            "id",
        ),
    }
)
