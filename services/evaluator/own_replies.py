"""An automatic reply that the mailbox sent itself: after-send rules leave it alone, unless they ask for automatic mail.

Otherwise every rule on sent mail would act on what no person wrote, and a rule that answers could set off another.
"""

from schemas.condition import AllOf, AnyOf, Group, Leaf, ReplyStateIs
from services.evaluator.attempt import Attempt

REASON = "the mailbox sent this automatic reply itself; only rules with the condition reply_state automatic act on it"


def is_own_reply(attempt: Attempt) -> bool:
    """Whether after-send rules are tried on a mail that says that a program sent it (RFC 3834 §5)."""
    return attempt.trigger == "after_send" and "auto-submitted" in attempt.event.reply_state.automatic


def asks_for_automatic(condition: Leaf | Group) -> bool:
    """Whether `reply_state: automatic` is among the conditions that must, or may, hold; not among those of `none`."""
    if isinstance(condition, AllOf):
        return any(map(asks_for_automatic, condition.all))
    if isinstance(condition, AnyOf):
        return any(map(asks_for_automatic, condition.any))
    return isinstance(condition, ReplyStateIs) and condition.equals == "automatic"
