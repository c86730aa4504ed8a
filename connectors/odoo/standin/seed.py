"""What a fresh Odoo with CRM holds: two users, a team, stages, subtypes, the installed modules."""

from connectors.odoo.standin.models import MODELS
from connectors.odoo.standin.orm import ADMIN, Orm
from connectors.odoo.standin.store import Record, Store

ROWS: list[tuple[str, int, Record]] = [
    ("res.partner", 1, {"name": "My Company", "email": "info@company.example", "is_company": True}),
    ("res.partner", 2, {"name": "System", "active": False}),
    ("res.partner", 3, {"name": "Administrator", "email": "admin@company.example", "parent_id": 1}),
    ("res.partner", 4, {"name": "Reader", "email": "reader@company.example", "parent_id": 1}),
    ("res.users", 1, {"name": "System", "login": "__system__", "partner_id": 2, "active": False}),
    ("res.users", ADMIN, {"name": "Administrator", "login": "admin", "partner_id": 3}),
    ("res.users", 6, {"name": "Reader", "login": "reader", "partner_id": 4}),
    ("crm.team", 1, {"name": "Sales"}),
    *[("crm.stage", i, {"name": name}) for i, name in enumerate(("New", "Qualified", "Proposition", "Won"), 1)],
    *[("mail.message.subtype", i, {"name": name}) for i, name in enumerate(("Discussions", "Note", "Activities"), 1)],
    *[
        ("ir.model", i, {"name": MODELS[name].label, "model": name})
        for i, name in enumerate(("res.partner", "crm.lead", "crm.team"), 1)
    ],
    *[
        ("ir.module.module", i, {"name": name, "state": "installed"})
        for i, name in enumerate(("base", "web", "mail", "contacts", "sales_team", "crm"), 1)
    ],
]
NAMES: list[tuple[str, str, str, int]] = [
    ("base", "main_partner", "res.partner", 1),
    ("base", "partner_admin", "res.partner", 3),
    ("base", "user_admin", "res.users", ADMIN),
    ("sales_team", "team_sales_department", "crm.team", 1),
    *[("crm", f"stage_lead{i}", "crm.stage", i) for i in range(1, 5)],
    ("mail", "mt_comment", "mail.message.subtype", 1),
    ("mail", "mt_note", "mail.message.subtype", 2),
    ("mail", "mt_activities", "mail.message.subtype", 3),
]


def seed(store: Store) -> None:
    """Fill an empty store; leave one that holds something alone."""
    if store.tables["res.users"]:
        return
    with store.transaction():
        for model, record_id, values in ROWS:
            active = {"active": True} if model in ("res.partner", "res.users", "crm.team") else {}
            normalized = {"email_normalized": values["email"]} if values.get("email") else {}
            store.put(model, record_id, active | values | normalized)
        for module, name, model, record_id in NAMES:
            reference = {"module": module, "name": name, "model": model, "res_id": record_id, "noupdate": True}
            Orm(store, ADMIN, {}).create("ir.model.data", reference)
