"""`mark_read`: set or clear \\Seen."""

from connectors.mailbox.changes import Change, SeenChange
from schemas.mailbox_action import MarkReadAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.effects.together import Done
from services.actions.model import Job


class MarkRead(MailboxEffect):
    """Marking what is marked changes nothing (RFC 3501 §6.4.6)."""

    type = "mark_read"

    def change(self, job: Job) -> Change:
        return SeenChange(_action(job).read)

    def produced(self, job: Job, done: Done) -> Produced:
        text = "marked as read" if _action(job).read else "marked as unread"
        return Produced(kind="mailbox", uri=done.changed.uri, text=text, details={"was": done.changed.was})

    def intent(self, job: Job) -> str:
        return "would mark as read" if _action(job).read else "would mark as unread"


def _action(job: Job) -> MarkReadAction:
    action = job.command.step.action
    assert isinstance(action, MarkReadAction)
    return action
