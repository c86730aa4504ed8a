"""The fields of a mail that is not in Odoo, as fields of Odoo 17's `mail.message`; none is ours alone."""

from dataclasses import dataclass

from schemas.facts import FieldType


@dataclass(frozen=True, slots=True)
class VirtualField:
    """One field: its type in Odoo, the model it leads to, and where its value comes from."""

    type: FieldType
    meaning: str
    relation: str = ""


_UNSET = "always empty"
_NO = "always False"

FIELDS: dict[str, VirtualField] = {
    "subject": VirtualField("char", "the decoded subject; empty without one"),
    "body": VirtualField("html", "the beginning of the text as plain text, without markup; Odoo's own holds HTML"),
    "date": VirtualField("datetime", "the Date header in UTC, without fractions; the time of receipt when unreadable"),
    "email_from": VirtualField("char", 'the first From address as `"Name" <address>`, or the address alone'),
    "reply_to": VirtualField("char", "the Reply-To addresses in the same form, joined by `, `; else `email_from`"),
    "message_id": VirtualField("char", "the Message-ID header with its angle brackets"),
    "message_type": VirtualField("selection", "`email` for mail that arrived, `email_outgoing` for mail that was sent"),
    "author_id": VirtualField(
        "many2one", "the sender's partner where the event carries it, else undecidable", "res.partner"
    ),
    "parent_id": VirtualField(
        "many2one",
        "the mail that this one answers (last of References, else first of In-Reply-To), of which only `message_id` "
        "is known; empty when it answers none",
        "mail.message",
    ),
    "attachment_ids": VirtualField("many2many", "the attachments; their fields are below", "ir.attachment"),
    "create_date": VirtualField("datetime", "when the mail was first recorded, in UTC, without fractions"),
    "write_date": VirtualField("datetime", "the same"),
    "model": VirtualField("char", _UNSET),
    "res_id": VirtualField("many2one_reference", "always 0"),
    "record_name": VirtualField("char", _UNSET),
    "starred": VirtualField("boolean", _NO),
    "is_internal": VirtualField("boolean", _NO),
    "needaction": VirtualField("boolean", _NO),
    "has_error": VirtualField("boolean", _NO),
    "reply_to_force_new": VirtualField("boolean", _NO),
    "email_add_signature": VirtualField("boolean", "always True, Odoo's default"),
    "email_layout_xmlid": VirtualField("char", _UNSET),
    "pinned_at": VirtualField("datetime", _UNSET),
    "subtype_id": VirtualField("many2one", _UNSET, "mail.message.subtype"),
    "mail_activity_type_id": VirtualField("many2one", _UNSET, "mail.activity.type"),
    "mail_server_id": VirtualField("many2one", _UNSET, "ir.mail_server"),
    "record_alias_domain_id": VirtualField("many2one", _UNSET, "mail.alias.domain"),
    "record_company_id": VirtualField("many2one", _UNSET, "res.company"),
    "author_guest_id": VirtualField("many2one", _UNSET, "mail.guest"),
    "create_uid": VirtualField("many2one", _UNSET, "res.users"),
    "write_uid": VirtualField("many2one", _UNSET, "res.users"),
    "starred_partner_ids": VirtualField("many2many", _UNSET, "res.partner"),
    "notified_partner_ids": VirtualField("many2many", _UNSET, "res.partner"),
    "notification_ids": VirtualField("one2many", _UNSET, "mail.notification"),
    "tracking_value_ids": VirtualField("one2many", _UNSET, "mail.tracking.value"),
    "reaction_ids": VirtualField("one2many", _UNSET, "mail.message.reaction"),
}

ATTACHMENT_FIELDS: dict[str, VirtualField] = {
    "name": VirtualField("char", "the file name; empty without one"),
    "mimetype": VirtualField("char", "the content type"),
    "file_size": VirtualField("integer", "bytes after decoding"),
    "type": VirtualField("selection", "always `binary`"),
    "description": VirtualField("text", _UNSET),
    "res_model": VirtualField("char", _UNSET),
    "res_id": VirtualField("many2one_reference", "always 0"),
    "public": VirtualField("boolean", _NO),
}


def rows(fields: dict[str, VirtualField]) -> str:
    """The fields as the table of docs/reference/virtual-message.md."""
    lines = ["| field | type | value |", "| --- | --- | --- |"]
    for name, field in fields.items():
        kind = f"{field.type} of {field.relation}" if field.relation else field.type
        lines.append(f"| `{name}` | {kind} | {field.meaning} |")
    return "\n".join(lines)
