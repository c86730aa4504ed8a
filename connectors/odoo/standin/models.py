"""The models that the stand-in knows, with the fields that MailDesk uses (Odoo 17: base, mail, crm)."""

from dataclasses import dataclass
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


def _char(string: str, *, required: bool = False) -> Field:
    return Field("char", string, required=required)


def _one(string: str, relation: str, default: Default = False) -> Field:
    return Field("many2one", string, relation=relation, default=default)


def _many(string: str, relation: str, inverse: str) -> Field:
    return Field("one2many", string, relation=relation, inverse=inverse, readonly=True)


_ACTIVE = Field("boolean", "Active", default=True)
_LEAD = {
    "name": _char("Opportunity", required=True),
    "contact_name": _char("Contact Name"),
    "partner_name": _char("Company Name"),
    "email_from": _char("Email"),
    "phone": _char("Phone"),
    "referred": _char("Referred By"),
    "website": _char("Website"),
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
    "user_id": _one("Salesperson", "res.users", CALLER),
    "team_id": _one("Sales Team", "crm.team", 1),
    "stage_id": _one("Stage", "crm.stage", 1),
    "partner_id": _one("Customer", "res.partner"),
    "tag_ids": Field("many2many", "Tags", relation="crm.tag"),
    "expected_revenue": Field("monetary", "Expected Revenue"),
    "probability": Field("float", "Probability"),
    "date_deadline": Field("date", "Expected Closing"),
    "active": _ACTIVE,
}
_MESSAGE = {
    "message_id": _char("Message-Id"),
    "model": _char("Related Document Model"),
    "res_id": Field("many2one_reference", "Related Document ID"),
    "subject": _char("Subject"),
    "body": Field("html", "Contents"),
    "email_from": _char("From"),
    "author_id": _one("Author", "res.partner"),
    "date": Field("datetime", "Date"),
    "message_type": Field(
        "selection",
        "Type",
        required=True,
        selection=(("email", "Incoming Email"), ("comment", "Comment"), ("notification", "System notification")),
        default="email",
    ),
    "subtype_id": _one("Subtype", "mail.message.subtype"),
    "parent_id": _one("Parent Message", "mail.message"),
}
_TWICE = "You cannot have multiple records with the same external ID in the same module!"

MODELS: dict[str, Model] = {
    name: Model(
        model.label, {**model.fields, **_AUTOMATIC}, model.title, model.unique, model.indexed, model.thread, model.order
    )
    for name, model in {
        "res.users": Model(
            "User",
            {"name": _char("Name", required=True), "login": _char("Login", required=True), "active": _ACTIVE}
            | {"partner_id": _one("Related Partner", "res.partner")},
            unique=((("login",), "You can not have two users with the same login!"),),
        ),
        "res.partner": Model(
            "Contact",
            {"name": _char("Name", required=True), "email": _char("Email"), "phone": _char("Phone"), "active": _ACTIVE}
            | {"is_company": Field("boolean", "Is a Company"), "parent_id": _one("Related Company", "res.partner")}
            | {"email_normalized": Field("char", "Normalized Email", readonly=True), "date": Field("date", "Date")}
            | {"category_id": Field("many2many", "Tags", relation="res.partner.category")}
            | {"child_ids": _many("Contact", "res.partner", "parent_id")}
            | {"user_ids": _many("Users", "res.users", "partner_id"), "color": Field("integer", "Color Index")},
            indexed=("email", "email_normalized"),
            thread=True,
            order="name, id desc",
        ),
        "res.partner.category": Model(
            "Partner Tags",
            {"name": _char("Tag Name", required=True), "active": _ACTIVE, "color": Field("integer", "Color")}
            | {"parent_id": _one("Parent Category", "res.partner.category")},
            order="name",
        ),
        "ir.model": Model("Models", {"name": _char("Model Description"), "model": _char("Model", required=True)}),
        "mail.alias": Model(
            "Email Aliases",
            {"alias_name": _char("Alias Name"), "alias_full_name": _char("Alias Email")}
            | {"alias_model_id": _one("Aliased Model", "ir.model")}
            | {"alias_incoming_local": Field("boolean", "Local-part based incoming detection")},
            "alias_full_name",
        ),
        "crm.lead": Model("Lead/Opportunity", _LEAD, thread=True),
        "crm.team": Model("Sales Team", {"name": _char("Sales Team", required=True), "active": _ACTIVE}, thread=True),
        "crm.stage": Model("CRM Stages", {"name": _char("Stage Name", required=True)}),
        "crm.tag": Model(
            "CRM Tag",
            {"name": _char("Tag Name", required=True), "color": Field("integer", "Color")},
            unique=((("name",), "Tag name already exists !"),),
        ),
        "mail.message": Model("Message", _MESSAGE, "subject", indexed=("message_id", "res_id")),
        "mail.message.subtype": Model("Message subtypes", {"name": _char("Message Type", required=True)}),
        "ir.model.data": Model(
            "Model Data",
            {"module": _char("Module", required=True), "name": _char("External Identifier", required=True)}
            | {"model": _char("Model Name", required=True), "res_id": Field("many2one_reference", "Record ID")}
            | {"noupdate": Field("boolean", "Non Updatable")},
            unique=((("module", "name"), _TWICE),),
            indexed=("name", "res_id"),
        ),
        "ir.module.module": Model("Module", {"name": _char("Technical Name", required=True), "state": _char("Status")}),
    }.items()
}
