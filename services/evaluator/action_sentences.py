"""What each action says of itself in plain English."""

from collections.abc import Callable
from typing import Any

from schemas.action import Action, CrmLeadAction, MoveFolderAction, StarAction, TagAction
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


_SENTENCES: dict[type, Callable[[Any], str]] = {
    TagAction: _tag,
    StarAction: _star,
    MoveFolderAction: _move_folder,
    CrmLeadAction: _crm_lead,
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
