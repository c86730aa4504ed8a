"""What all actions share."""

from schemas.base import Authored, Slug
from schemas.scope import Scope
from schemas.window import Window


class ActionBase(Authored):
    """An action has an explicit, stable id that outlives reordering.

    `scope` says what counts as "already done": this message, its whole thread, or anything in an interval of time.
    Outside of its `window` an action is skipped, and the rule's next one is tried.
    """

    id: Slug
    scope: Scope = "message"
    window: Window | None = None
