"""`mark_read`: set or clear \\Seen."""

from connectors.mailbox.port import MailboxConnection, Reference
from schemas.mailbox_action import MarkReadAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.model import Job


class MarkRead(MailboxEffect):
    """Marking what is marked changes nothing (RFC 3501 §6.4.6)."""

    type = "mark_read"

    async def change(self, connection: MailboxConnection, job: Job, reference: Reference, uri: str) -> Produced:
        del reference
        read = _action(job).read
        changed = await connection.set_seen(uri, read)
        text = "marked as read" if read else "marked as unread"
        return Produced(kind="mailbox", uri=uri, text=text, details={"was": changed.was})

    def intent(self, job: Job) -> str:
        return "would mark as read" if _action(job).read else "would mark as unread"


def _action(job: Job) -> MarkReadAction:
    action = job.command.step.action
    assert isinstance(action, MarkReadAction)
    return action
