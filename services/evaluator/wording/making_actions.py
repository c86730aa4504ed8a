"""What the actions say that make a lead or a ticket in Odoo."""

from collections.abc import Iterator

from schemas.odoo_action import CrmLeadAction, HelpdeskTicketAction
from services.evaluator.wording.messages import gettext_noop
from services.evaluator.wording.words import Words

_LEAD_REUSE = {
    "open": gettext_noop(
        "If the conversation already has an open lead or opportunity, the mail is added there as a note instead."
    ),
    "any": gettext_noop(
        "If the conversation already has a lead or opportunity, the mail is added there as a note instead."
    ),
    "never": gettext_noop("It is created even if the conversation already has a lead or opportunity."),
}
_TICKET_REUSE = {
    "open": gettext_noop("If the conversation already has an open ticket, the mail is added there as a note instead."),
    "any": gettext_noop("If the conversation already has a ticket, the mail is added there as a note instead."),
    "never": gettext_noop("It is created even if the conversation already has a ticket."),
}

_MAIL = {
    "text": gettext_noop("Odoo shows only the beginning of the mail's text there."),
    "none": gettext_noop("Odoo does not show the mail itself there."),
}


def crm_lead(action: CrmLeadAction, words: Words) -> Iterator[str]:
    """What it is named, whose it is, and what a further mail of the conversation does."""
    yield _lead(action, words)
    if action.team_id:
        # Translators: {number} is the team's ID in Odoo
        yield words.gettext("Sales team: no. {number}.", number=str(action.team_id))
    if action.user_id:
        # Translators: {number} is the user's ID in Odoo
        yield words.gettext("Salesperson: user no. {number}.", number=str(action.user_id))
    yield words.gettext(_LEAD_REUSE[action.reuse])
    yield from _mail(action, words)


def _lead(action: CrmLeadAction, words: Words) -> str:
    if action.kind == "opportunity":
        if action.name:
            return words.gettext("Create the opportunity {title} in Odoo.", title=words.excerpt(action.name))
        return words.gettext("Create an opportunity in Odoo with the mail's subject as its title.")
    if action.name:
        return words.gettext("Create the lead {title} in Odoo.", title=words.excerpt(action.name))
    return words.gettext("Create a lead in Odoo with the mail's subject as its title.")


def helpdesk_ticket(action: HelpdeskTicketAction, words: Words) -> Iterator[str]:
    """The same for a ticket."""
    if action.name:
        yield words.gettext("Create the Helpdesk ticket {title} in Odoo.", title=words.excerpt(action.name))
    else:
        yield words.gettext("Create a Helpdesk ticket in Odoo with the mail's subject as its title.")
    if action.team_id:
        # Translators: {number} is the team's ID in Odoo
        yield words.gettext("Helpdesk team: no. {number}.", number=str(action.team_id))
    if action.user_id:
        # Translators: {number} is the user's ID in Odoo
        yield words.gettext("Assigned to: user no. {number}.", number=str(action.user_id))
    yield words.gettext(_TICKET_REUSE[action.reuse])
    yield from _mail(action, words)


def _mail(action: CrmLeadAction | HelpdeskTicketAction, words: Words) -> Iterator[str]:
    """What of the mail is in the chatter, where it is not all of it."""
    if action.mail in _MAIL:
        yield words.gettext(_MAIL[action.mail])
