"""`tag`: add and remove tags, kept as IMAP keywords."""

from connectors.mailbox.changes import Change, TagChange
from schemas.mailbox_action import TagAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.effects.together import Done
from services.actions.model import Job


class Tag(MailboxEffect):
    """Setting a keyword that is set, or clearing one that is not, changes nothing (RFC 3501 §6.4.6)."""

    type = "tag"

    def change(self, job: Job) -> Change:
        action = _action(job)
        return TagChange(action.add, action.remove)

    def produced(self, job: Job, done: Done) -> Produced:
        added, removed = done.changed.added, done.changed.removed
        same = [tag for tag in (*_action(job).add, *_action(job).remove) if tag not in (*added, *removed)]
        details = {"added": list(added), "removed": list(removed), "unchanged": same}
        text = _sentence(_action(job), "tagged", "untagged")
        return Produced(kind="mailbox", uri=done.changed.uri, text=text, details=details)

    def intent(self, job: Job) -> str:
        return _sentence(_action(job), "would tag", "would untag")


def _action(job: Job) -> TagAction:
    action = job.command.step.action
    assert isinstance(action, TagAction)
    return action


def _sentence(action: TagAction, add: str, remove: str) -> str:
    parts = [f"{add} {', '.join(action.add)}"] if action.add else []
    parts += [f"{remove} {', '.join(action.remove)}"] if action.remove else []
    return "; ".join(parts)
