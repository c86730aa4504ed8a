"""`helpdesk_ticket`: a ticket from a mail, once; a later mail of the conversation is added to it.

Odoo Enterprise's Helpdesk and OCA's `helpdesk_mgmt` both name their model `helpdesk.ticket`, with other fields and
stages: what this Odoo has is read from `fields_get`.
"""

from collections.abc import Mapping

from connectors.odoo.port import Cell, Json
from schemas.odoo_action import HelpdeskTicketAction
from services.actions.effects.conversation_records import ConversationRecords
from services.actions.effects.odoo_text import as_html, title_of
from services.actions.event_text import flat
from services.actions.model import Job


class HelpdeskTicket(ConversationRecords):
    """Without a team or user in the action Odoo's defaults hold: a ticket takes its stages from its team."""

    type = "helpdesk_ticket"
    needs = "Helpdesk: Enterprise's, or OCA's `helpdesk_mgmt`; the right to create tickets"
    model = "helpdesk.ticket"
    app = "Helpdesk"
    noun = "ticket"
    closing = ("closed", "is_close", "fold")

    def title(self, job: Job) -> str:
        return title_of(_action(job).name, job.command.event)

    def intent(self, job: Job) -> str:
        return f"would create a ticket: {self.title(job)}"

    def values(self, job: Job, fields: Mapping[str, Json]) -> dict[str, Cell]:
        action, sender = _action(job), job.command.event.sender
        wanted: dict[str, Cell] = {
            "name": self.title(job),
            # OCA's asks for one
            "description": as_html(job.command.event.excerpt) or as_html(self.title(job)),
            "partner_email": flat(sender.address) if sender else None,
            "partner_name": flat(sender.name) if sender else None,
            "team_id/.id": action.team_id,
            "user_id/.id": action.user_id,
        }
        return {name: cell for name, cell in wanted.items() if cell and name.partition("/")[0] in fields}


def _action(job: Job) -> HelpdeskTicketAction:
    action = job.command.step.action
    assert isinstance(action, HelpdeskTicketAction)
    return action
