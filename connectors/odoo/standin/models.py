"""The models that the stand-in knows, with the fields that MailDesk uses (Odoo 17: base, mail, crm)."""

from dataclasses import dataclass, replace
from typing import Any

Default = str | int | float | bool
# Stands for the user who is calling.
CALLER = -1


@dataclass(frozen=True, slots=True)
class Field:
    """One field: Odoo's type and label, and what `create` and `load` check."""

    type: str
    string: str
    required: bool = False
    relation: str | None = None
    selection: tuple[tuple[str, str], ...] = ()
    default: Default = False
    readonly: bool = False
    inverse: str | None = None

    def described(self) -> dict[str, Any]:
        """As `fields_get` gives it."""
        facts: dict[str, Any] = {"type": self.type, "string": self.string, "required": self.required}
        facts["readonly"] = self.readonly
        if self.relation:
            facts["relation"] = self.relation
        if self.inverse:
            facts["relation_field"] = self.inverse
        if self.type == "selection":
            facts["selection"] = [list(pair) for pair in self.selection]
        return facts


@dataclass(frozen=True, slots=True)
class Model:
    """One model; `unique` names fields that no two records share, and what Odoo says when they would."""

    label: str
    fields: dict[str, Field]
    title: str = "name"
    unique: tuple[tuple[tuple[str, ...], str], ...] = ()
    indexed: tuple[str, ...] = ()
    thread: bool = False
    order: str = "id"


_AUTOMATIC = {
    "id": Field("integer", "ID", readonly=True),
    "display_name": Field("char", "Display Name", readonly=True),
    "create_uid": Field("many2one", "Created by", relation="res.users", readonly=True),
    "create_date": Field("datetime", "Created on", readonly=True),
    "write_uid": Field("many2one", "Last Updated by", relation="res.users", readonly=True),
    "write_date": Field("datetime", "Last Updated on", readonly=True),
}


def with_automatic(models: dict[str, Model]) -> dict[str, Model]:
    """The models with the fields that every record of Odoo has."""
    return {name: replace(model, fields={**model.fields, **_AUTOMATIC}) for name, model in models.items()}


def char(string: str, *, required: bool = False) -> Field:
    return Field("char", string, required=required)


def one(string: str, relation: str, default: Default = False) -> Field:
    return Field("many2one", string, relation=relation, default=default)


def many(string: str, relation: str, inverse: str) -> Field:
    return Field("one2many", string, relation=relation, inverse=inverse, readonly=True)


ACTIVE = Field("boolean", "Active", default=True)
_LEAD = {
    "name": char("Opportunity", required=True),
    "contact_name": char("Contact Name"),
    "partner_name": char("Company Name"),
    "email_from": char("Email"),
    "phone": char("Phone"),
    "referred": char("Referred By"),
    "website": char("Website"),
    "description": Field("html", "Notes"),
    "type": Field(
        "selection",
        "Type",
        required=True,
        selection=(("lead", "Lead"), ("opportunity", "Opportunity")),
        default="opportunity",
    ),
    "priority": Field(
        "selection",
        "Priority",
        selection=(("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")),
        default="0",
    ),
    "user_id": one("Salesperson", "res.users", CALLER),
    "team_id": one("Sales Team", "crm.team", 1),
    "stage_id": one("Stage", "crm.stage", 1),
    "partner_id": one("Customer", "res.partner"),
    "tag_ids": Field("many2many", "Tags", relation="crm.tag"),
    "expected_revenue": Field("monetary", "Expected Revenue"),
    "probability": Field("float", "Probability"),
    "date_deadline": Field("date", "Expected Closing"),
    "active": ACTIVE,
}
_MESSAGE = {
    "message_id": char("Message-Id"),
    "model": char("Related Document Model"),
    "res_id": Field("many2one_reference", "Related Document ID"),
    "subject": char("Subject"),
    "body": Field("html", "Contents"),
    "email_from": char("From"),
    "author_id": one("Author", "res.partner"),
    "date": Field("datetime", "Date"),
    "message_type": Field(
        "selection",
        "Type",
        required=True,
        selection=(
            ("email", "Incoming Email"),
            ("comment", "Comment"),
            ("email_outgoing", "Outgoing Email"),
            ("notification", "System notification"),
            ("auto_comment", "Automated Targeted Notification"),
            ("user_notification", "User Specific Notification"),
        ),
        default="email",
    ),
    "subtype_id": one("Subtype", "mail.message.subtype"),
    "parent_id": one("Parent Message", "mail.message"),
    "is_internal": Field("boolean", "Employee Only"),
    "reply_to": char("Reply-To"),
    "attachment_ids": Field("many2many", "Attachments", relation="ir.attachment"),
    "starred_partner_ids": Field("many2many", "Favorited By", relation="res.partner"),
    "partner_ids": Field("many2many", "Recipients", relation="res.partner"),
    "notification_ids": many("Notifications", "mail.notification", "mail_message_id"),
}
_TWICE = "You cannot have multiple records with the same external ID in the same module!"

MODELS: dict[str, Model] = with_automatic(
    {
        "res.users": Model(
            "User",
            {"name": char("Name", required=True), "login": char("Login", required=True), "active": ACTIVE}
            | {"partner_id": one("Related Partner", "res.partner"), "share": Field("boolean", "Share User")},
            unique=((("login",), "You can not have two users with the same login!"),),
        ),
        "res.partner": Model(
            "Contact",
            {"name": char("Name", required=True), "email": char("Email"), "phone": char("Phone"), "active": ACTIVE}
            | {"is_company": Field("boolean", "Is a Company"), "parent_id": one("Related Company", "res.partner")}
            | {"email_normalized": Field("char", "Normalized Email", readonly=True), "date": Field("date", "Date")}
            | {"category_id": Field("many2many", "Tags", relation="res.partner.category")}
            | {"child_ids": many("Contact", "res.partner", "parent_id")}
            | {"user_ids": many("Users", "res.users", "partner_id"), "color": Field("integer", "Color Index")}
            | {"partner_share": Field("boolean", "Share Partner", readonly=True)}
            | {"country_id": one("Country", "res.country"), "customer_rank": Field("integer", "Customer Rank")},
            indexed=("email", "email_normalized"),
            thread=True,
            order="name, id desc",
        ),
        "res.country": Model("Country", {"name": char("Country Name", required=True), "code": char("Country Code")}),
        "res.partner.category": Model(
            "Partner Tags",
            {"name": char("Tag Name", required=True), "active": ACTIVE, "color": Field("integer", "Color")}
            | {"parent_id": one("Parent Category", "res.partner.category")},
            order="name",
        ),
        "ir.model": Model("Models", {"name": char("Model Description"), "model": char("Model", required=True)}),
        "crm.lead": Model("Lead/Opportunity", _LEAD, thread=True),
        "crm.team": Model("Sales Team", {"name": char("Sales Team", required=True), "active": ACTIVE}, thread=True),
        "crm.stage": Model(
            "CRM Stages", {"name": char("Stage Name", required=True), "is_won": Field("boolean", "Is Won Stage?")}
        ),
        "crm.tag": Model(
            "CRM Tag",
            {"name": char("Tag Name", required=True), "color": Field("integer", "Color")},
            unique=((("name",), "Tag name already exists !"),),
        ),
        "ir.attachment": Model(
            "Attachment",
            {"name": char("Name", required=True), "mimetype": char("Mime Type"), "datas": Field("binary", "Content")}
            | {"file_size": Field("integer", "File Size", readonly=True), "res_model": char("Resource Model")}
            | {"res_id": Field("many2one_reference", "Resource ID")},
            indexed=("res_id",),
        ),
        "mail.message": Model("Message", _MESSAGE, "subject", indexed=("message_id", "res_id")),
        "ir.model.data": Model(
            "Model Data",
            {"module": char("Module", required=True), "name": char("External Identifier", required=True)}
            | {"model": char("Model Name", required=True), "res_id": Field("many2one_reference", "Record ID")}
            | {"noupdate": Field("boolean", "Non Updatable")},
            unique=((("module", "name"), _TWICE),),
            indexed=("name", "res_id"),
        ),
        "ir.module.module": Model("Module", {"name": char("Technical Name", required=True), "state": char("Status")}),
    }
)
