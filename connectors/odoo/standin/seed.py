"""What a fresh Odoo holds: two users, a channel, teams, stages, subtypes, activity types, the installed modules."""

from collections.abc import Collection

from connectors.odoo.standin.orm import ADMIN, Orm
from connectors.odoo.standin.store import Record, Store

ROWS: list[tuple[str, int, Record]] = [
    *[
        ("res.country", i, {"name": name, "code": code})
        for i, (name, code) in enumerate((("Austria", "AT"), ("Germany", "DE"), ("United States", "US")), 1)
    ],
    ("res.partner", 1, {"name": "My Company", "email": "info@company.example", "is_company": True}),
    ("res.partner", 2, {"name": "System", "active": False}),
    ("res.partner", 3, {"name": "Administrator", "email": "admin@company.example", "parent_id": 1}),
    ("res.partner", 4, {"name": "Reader", "email": "reader@company.example", "parent_id": 1}),
    ("res.users", 1, {"name": "System", "login": "__system__", "partner_id": 2, "active": False}),
    ("res.users", ADMIN, {"name": "Administrator", "login": "admin", "partner_id": 3}),
    ("res.users", 6, {"name": "Reader", "login": "reader", "partner_id": 4}),
    ("crm.team", 1, {"name": "Sales"}),
    *[("crm.stage", i, {"name": name}) for i, name in enumerate(("New", "Qualified", "Proposition"), 1)],
    ("crm.stage", 4, {"name": "Won", "is_won": True}),
    ("discuss.channel", 1, {"name": "general", "channel_type": "channel"}),
    *[
        ("mail.activity.type", i, {"name": name})
        for i, name in enumerate(("Email", "Call", "Meeting", "To-Do", "Upload Document"), 1)
    ],
    ("helpdesk.team", 1, {"name": "Customer Care"}),
    *[("helpdesk.stage", i, {"name": name}) for i, name in enumerate(("New", "In Progress"), 1)],
    ("helpdesk.stage", 3, {"name": "Solved", "fold": True}),
    ("helpdesk.ticket.team", 1, {"name": "Support"}),
    *[("helpdesk.ticket.stage", i, {"name": name}) for i, name in enumerate(("New", "In Progress"), 1)],
    ("helpdesk.ticket.stage", 3, {"name": "Done", "closed": True}),
    *[("mail.message.subtype", i, {"name": name}) for i, name in enumerate(("Discussions", "Note", "Activities"), 1)],
    *[
        ("ir.module.module", i, {"name": name, "state": "installed"})
        for i, name in enumerate(("base", "web", "mail", "contacts", "sales_team"), 1)
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
    ("mail", "channel_all_employees", "discuss.channel", 1),
    *[
        ("mail", f"mail_activity_data_{name}", "mail.activity.type", i)
        for i, name in enumerate(("email", "call", "meeting", "todo", "upload_document"), 1)
    ],
]


def seed(store: Store, apps: Collection[str]) -> None:
    """Fill an empty store; leave one that holds something alone."""
    if store.tables["res.users"]:
        return
    installed = [("ir.module.module", 10 + i, {"name": app, "state": "installed"}) for i, app in enumerate(apps)]
    threads = [name for name in ("res.partner", "crm.lead", "crm.team") if name in store.models]
    models = [("ir.model", i, {"name": store.models[name].label, "model": name}) for i, name in enumerate(threads, 1)]
    with store.transaction():
        for model, record_id, values in (*ROWS, *installed, *models):
            if model not in store.models:
                continue
            active = {"active": True} if "active" in store.models[model].fields else {}
            normalized = {"email_normalized": values["email"]} if values.get("email") else {}
            store.put(model, record_id, active | values | normalized)
        for module, name, model, record_id in NAMES:
            if model not in store.models:
                continue
            reference = {"module": module, "name": name, "model": model, "res_id": record_id, "noupdate": True}
            Orm(store, ADMIN, {}).create("ir.model.data", reference)
