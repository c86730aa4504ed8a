"""The two helpdesks, which share the name `helpdesk.ticket`: Odoo Enterprise's, and OCA's `helpdesk_mgmt` (17.0)."""

from connectors.odoo.standin.models import ACTIVE, Field, Model, char, one, with_automatic

_BOTH = {
    "user_id": one("Assigned user", "res.users"),
    "partner_id": one("Customer", "res.partner"),
    "partner_name": char("Customer Name"),
    "partner_email": char("Customer Email"),
    "active": ACTIVE,
}
ENTERPRISE = with_automatic(
    {
        "helpdesk.ticket": Model(
            "Helpdesk Ticket",
            {"name": char("Subject", required=True), "description": Field("html", "Description")}
            | {"team_id": one("Helpdesk Team", "helpdesk.team", 1), "stage_id": one("Stage", "helpdesk.stage", 1)}
            | _BOTH,
            thread=True,
        ),
        "helpdesk.team": Model("Helpdesk Team", {"name": char("Helpdesk Team", required=True), "active": ACTIVE}),
        "helpdesk.stage": Model(
            "Helpdesk Stage", {"name": char("Stage Name", required=True), "fold": Field("boolean", "Folded in Kanban")}
        ),
    }
)
OCA = with_automatic(
    {
        "helpdesk.ticket": Model(
            "Helpdesk Ticket",
            {"name": char("Title", required=True), "description": Field("html", "Description", required=True)}
            | {"number": char("Ticket number"), "team_id": one("Team", "helpdesk.ticket.team")}
            | {"stage_id": one("Stage", "helpdesk.ticket.stage", 1)}
            | _BOTH,
            thread=True,
        ),
        "helpdesk.ticket.team": Model("Helpdesk Ticket Team", {"name": char("Name", required=True), "active": ACTIVE}),
        "helpdesk.ticket.stage": Model(
            "Helpdesk Ticket Stage",
            {"name": char("Stage Name", required=True), "fold": Field("boolean", "Folded in Kanban")}
            | {"closed": Field("boolean", "Closed")},
        ),
    }
)
