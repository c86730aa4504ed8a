"""What each action says of itself in plain English."""

from collections.abc import Callable
from typing import Any

from schemas.action import Action
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
from schemas.scope import Throttle
from services.evaluator.text import quoted
from services.evaluator.windows import window_words


def _tag(action: TagAction) -> str:
    parts = [f"add {_tags(action.add)}"] if action.add else []
    parts += [f"remove {_tags(action.remove)}"] if action.remove else []
    text = " and ".join(parts)
    return text[0].upper() + text[1:]


def _tags(names: tuple[str, ...]) -> str:
    return f"the tag{'s' if len(names) > 1 else ''} {quoted(names, 'and')}"


def _star(action: StarAction) -> str:
    return "Star the mail" if action.starred else "Take the star away"


def _move_folder(action: MoveFolderAction) -> str:
    return f"Move the mail to the folder “{action.folder}”"


def _crm_lead(action: CrmLeadAction) -> str:
    title = f"named “{action.name}”" if action.name else "named after the mail's subject"
    ids = [f"sales team {action.team_id}"] if action.team_id else []
    ids += [f"user {action.user_id}"] if action.user_id else []
    assigned = f" for {' and '.join(ids)}" if ids else ""
    article = "an opportunity" if action.kind == "opportunity" else "a lead"
    return f"Create {article} in Odoo {title}{assigned}, or note the mail on the one its conversation already has"


def _mark_read(action: MarkReadAction) -> str:
    return f"Mark the mail as {'read' if action.read else 'unread'}"


def _helpdesk_ticket(action: HelpdeskTicketAction) -> str:
    title = f"named “{action.name}”" if action.name else "named after the mail's subject"
    return f"Create a Helpdesk ticket in Odoo {title}, or note the mail on the one its conversation already has"


def _attach_to_record(action: AttachToRecordAction) -> str:
    fallback = f"; where there is none, make a new {action.fallback_model}" if action.fallback_model else ""
    return f"Put the mail on the Odoo record that it belongs to{fallback}"


def _notify_user(action: NotifyUserAction) -> str:
    return f"Notify {quoted(action.users, 'and')} in Odoo: “{action.text}”"


def _notify_channel(action: NotifyChannelAction) -> str:
    return f"Write into the channel “{action.channel}”: “{action.text}”"


def _activity(action: ActivityAction) -> str:
    return f"Schedule the activity “{action.summary}” in {action.due_in_days} days"


def _auto_reply(action: AutoReplyAction) -> str:
    return f"Answer the sender with “{action.subject}”, never automatic mail or lists"


_SENTENCES: dict[type, Callable[[Any], str]] = {
    TagAction: _tag,
    StarAction: _star,
    MoveFolderAction: _move_folder,
    CrmLeadAction: _crm_lead,
    MarkReadAction: _mark_read,
    HelpdeskTicketAction: _helpdesk_ticket,
    AttachToRecordAction: _attach_to_record,
    NotifyUserAction: _notify_user,
    NotifyChannelAction: _notify_channel,
    ActivityAction: _activity,
    AutoReplyAction: _auto_reply,
}
_SCOPES = {"message": "once per message", "thread": "once per conversation"}
_UNITS = {"m": "minute", "h": "hour", "d": "day"}


def action_sentence(action: Action) -> str:
    """One action with its scope and window, such as: Star the mail (once per message), only Saturday (UTC)."""
    window = f", {window_words(action.window)}" if action.window else ""
    return f"{_SENTENCES[type(action)](action)} ({_scope(action.scope)}){window}."


def _scope(scope: str | Throttle) -> str:
    if not isinstance(scope, Throttle):
        return _SCOPES[scope]
    number, unit = scope.every[:-1], _UNITS[scope.every[-1]]
    interval = f"per {unit}" if number == "1" else f"in {number} {unit}s"
    return f"at most once per sender {interval}" if scope.per else f"at most once {interval}"
