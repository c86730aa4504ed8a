"""`star`: set or clear \\Flagged."""

from connectors.mailbox.port import MailboxConnection, Reference
from schemas.mailbox_action import StarAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.model import Job


class Star(MailboxEffect):
    """Flagging what is flagged changes nothing (RFC 3501 §6.4.6)."""

    type = "star"

    async def change(self, connection: MailboxConnection, job: Job, reference: Reference, uri: str) -> Produced:
        del reference
        starred = _action(job).starred
        changed = await connection.set_starred(uri, starred)
        text = "starred" if starred else "unstarred"
        return Produced(kind="mailbox", uri=uri, text=text, details={"was": changed.was})

    def intent(self, job: Job) -> str:
        return "would star" if _action(job).starred else "would unstar"


def _action(job: Job) -> StarAction:
    action = job.command.step.action
    assert isinstance(action, StarAction)
    return action
