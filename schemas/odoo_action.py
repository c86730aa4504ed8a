"""Actions in Odoo."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.action_base import ActionBase
from schemas.domain import ModelName
from schemas.text_template import Line, Text

Login = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Title = Annotated[Line, Field(description="the title, may use variables; empty: the mail's subject")]
Reuse = Annotated[
    Literal["open", "any", "never"],
    Field(description="which record of the conversation the mail is added to: an open one, any, or always a new one"),
]
MailShown = Annotated[
    Literal["full", "text", "none"],
    Field(
        description="what of the mail stands in the record's chatter: all of it with its attachments, the beginning of "
        "its text, or nothing (a later mail of the conversation is an internal note with the beginning of its text)"
    ),
]


class CrmLeadAction(ActionBase):
    """Create a lead in Odoo's CRM with the mail in its chatter, or add the mail to the conversation's existing lead."""

    type: Literal["crm_lead"]
    name: Title = ""
    kind: Literal["lead", "opportunity"] = "lead"
    team_id: int | None = Field(default=None, gt=0)
    user_id: int | None = Field(default=None, gt=0)
    reuse: Reuse = "open"
    mail: MailShown = "full"


class HelpdeskTicketAction(ActionBase):
    """Create a ticket in Odoo's Helpdesk with the mail in its chatter, or add the mail to the conversation's own."""

    type: Literal["helpdesk_ticket"]
    name: Title = ""
    team_id: int | None = Field(default=None, gt=0)
    user_id: int | None = Field(default=None, gt=0)
    reuse: Reuse = "open"
    mail: MailShown = "full"


class AttachToRecordAction(ActionBase):
    """Hand the mail to Odoo's own gateway (`message_process`), which finds the record that it belongs to."""

    type: Literal["attach_to_record"]
    fallback_model: ModelName | None = Field(
        default=None, description="the model of a new record where Odoo finds none; empty: such a mail is skipped"
    )


class NotifyUserAction(ActionBase):
    """Notify users in their Odoo inbox."""

    type: Literal["notify_user"]
    users: tuple[Login, ...] = Field(min_length=1, max_length=20, description="logins")
    text: Text = Field(default="New mail from {sender_name}: {subject}", min_length=1)


class NotifyChannelAction(ActionBase):
    """Write into a Discuss channel. The channel must exist; it is never created."""

    type: Literal["notify_channel"]
    channel: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] = Field(
        description="the external id, the name (with or without #) or the database id of the channel"
    )
    text: Text = Field(default="New mail from {sender_name}: {subject}", min_length=1)


class ActivityAction(ActionBase):
    """Schedule an activity on the mail's record: the one it belongs to, else its lead or ticket, else the partner."""

    type: Literal["activity"]
    activity_type: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        default="mail.mail_activity_data_todo", description="the external id or the name of the activity type"
    )
    summary: Line = "{subject}"
    note: Text = ""
    due_in_days: int = Field(default=0, ge=0, le=3650, description="days after the mail was received")
    user: Login | None = Field(default=None, description="login of who shall do it; empty: who is responsible already")
