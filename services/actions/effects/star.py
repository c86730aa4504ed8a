"""`star`: set or clear \\Flagged."""

from connectors.mailbox.changes import Change, StarChange
from schemas.mailbox_action import StarAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.effects.together import Done
from services.actions.model import Job


class Star(MailboxEffect):
    """Flagging what is flagged changes nothing (RFC 3501 §6.4.6)."""

    type = "star"

    def change(self, job: Job) -> Change:
        return StarChange(_action(job).starred)

    def produced(self, job: Job, done: Done) -> Produced:
        text = "starred" if _action(job).starred else "unstarred"
        return Produced(kind="mailbox", uri=done.changed.uri, text=text, details={"was": done.changed.was})

    def intent(self, job: Job) -> str:
        return "would star" if _action(job).starred else "would unstar"


def _action(job: Job) -> StarAction:
    action = job.command.step.action
    assert isinstance(action, StarAction)
    return action
