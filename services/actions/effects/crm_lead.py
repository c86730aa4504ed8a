"""`crm_lead`: a lead in Odoo from a mail, once; a later mail of the conversation is added to it."""

from collections.abc import Mapping

from connectors.odoo.port import Cell, Json
from schemas.odoo_action import CrmLeadAction
from services.actions.effects.conversation_records import ConversationRecords
from services.actions.effects.odoo_text import as_html, title_of
from services.actions.event_text import flat
from services.actions.model import Job


class CrmLead(ConversationRecords):
    """Without a team or salesperson in the action the lead has none: nobody is put in charge by accident."""

    type = "crm_lead"
    needs = "CRM; the right to create leads"
    model = "crm.lead"
    app = "CRM"
    noun = "lead"
    closing = ("is_won",)

    def title(self, job: Job) -> str:
        return title_of(_action(job).name, job.command.event)

    def intent(self, job: Job) -> str:
        return f"would create a {_action(job).kind}: {self.title(job)}"

    def values(self, job: Job, fields: Mapping[str, Json]) -> dict[str, Cell]:
        del fields
        action, event = _action(job), job.command.event
        sender = event.sender
        return {
            "name": self.title(job),
            "type": action.kind,
            "email_from": flat(sender.address) if sender else "",
            "contact_name": flat(sender.name) if sender else "",
            "description": as_html(event.excerpt),
            "team_id/.id": action.team_id,
            "user_id/.id": action.user_id,
        }


def _action(job: Job) -> CrmLeadAction:
    action = job.command.step.action
    assert isinstance(action, CrmLeadAction)
    return action
