"""What each action says: its own sentences, how often it acts, and when. A test proves it complete."""

from collections.abc import Callable, Iterator
from typing import Any

from schemas.action import Action
from schemas.mailbox_action import MailboxActionBase, MarkReadAction, MoveFolderAction, StarAction, TagAction
from schemas.odoo_action import (
    ActivityAction,
    AttachToRecordAction,
    CrmLeadAction,
    HelpdeskTicketAction,
    NotifyChannelAction,
    NotifyUserAction,
)
from schemas.reply_action import AutoReplyAction
from services.evaluator.wording import mailbox_actions, making_actions, odoo_actions
from services.evaluator.wording.hours import window_sentence
from services.evaluator.wording.reply_action import auto_reply
from services.evaluator.wording.scope import scope_sentence
from services.evaluator.wording.words import Words

SENTENCES: dict[type, Callable[[Any, Words], Iterator[str]]] = {
    TagAction: mailbox_actions.tag,
    StarAction: mailbox_actions.star,
    MarkReadAction: mailbox_actions.mark_read,
    MoveFolderAction: mailbox_actions.move_folder,
    CrmLeadAction: making_actions.crm_lead,
    HelpdeskTicketAction: making_actions.helpdesk_ticket,
    AttachToRecordAction: odoo_actions.attach_to_record,
    NotifyUserAction: odoo_actions.notify_user,
    NotifyChannelAction: odoo_actions.notify_channel,
    ActivityAction: odoo_actions.activity,
    AutoReplyAction: auto_reply,
}


def action_sentences(action: Action, words: Words) -> Iterator[str]:
    """Whole sentences, each with its full stop."""
    yield from SENTENCES[type(action)](action, words)
    if isinstance(action, MailboxActionBase) and action.target == "original":
        yield mailbox_actions.original(words)
    yield scope_sentence(action.scope, words)
    if action.window:
        yield window_sentence(action.window, words)
