"""`tag`: add and remove tags, kept as IMAP keywords."""

from connectors.mailbox.port import MailboxConnection, Reference
from schemas.mailbox_action import TagAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.model import Job


class Tag(MailboxEffect):
    """Setting a keyword that is set, or clearing one that is not, changes nothing (RFC 3501 §6.4.6)."""

    type = "tag"

    async def change(self, connection: MailboxConnection, job: Job, reference: Reference, uri: str) -> Produced:
        del reference
        action = _action(job)
        changed = await connection.change_tags(uri, action.add, action.remove)
        details = {"added": list(changed.added), "removed": list(changed.removed)}
        return Produced(kind="mailbox", uri=uri, text=_sentence(action, "tagged", "untagged"), details=details)

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
