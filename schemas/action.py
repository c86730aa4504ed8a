"""What a rule does: one typed model per action."""

from typing import Annotated, get_args

from pydantic import Field

from schemas.mailbox_action import MarkReadAction, MoveFolderAction, StarAction, TagAction
from schemas.odoo_action import (
    ActivityAction,
    AttachToRecordAction,
    CrmLeadAction,
    HelpdeskTicketAction,
    NotifyChannelAction,
    NotifyUserAction,
)
from schemas.reply_action import AutoReplyAction

AnyAction = (
    TagAction
    | StarAction
    | MarkReadAction
    | MoveFolderAction
    | CrmLeadAction
    | HelpdeskTicketAction
    | AttachToRecordAction
    | NotifyUserAction
    | NotifyChannelAction
    | ActivityAction
    | AutoReplyAction
)
Action = Annotated[AnyAction, Field(discriminator="type")]
ACTION_TYPES: tuple[str, ...] = tuple(
    get_args(model.model_fields["type"].annotation)[0] for model in get_args(AnyAction)
)
