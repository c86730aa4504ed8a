"""`move_folder`: move the message to an existing folder of its account."""

from connectors.mailbox.port import FolderMissingError, MailboxConnection, Reference
from schemas.mailbox_action import MoveFolderAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.model import Job


class MoveFolder(MailboxEffect):
    """A message that is in the folder already stays where it is; the folder is never created."""

    type = "move_folder"

    async def plan(self, job: Job) -> Produced:
        folder = _action(job).folder
        connection = await self._connections.get(job.command.event.mailbox)
        if folder not in (folders := await connection.folders()):
            known = ", ".join(sorted(folders)[:20])
            raise FolderMissingError(f"there is no folder {folder}; the account has: {known}")
        return await super().plan(job)

    async def change(self, connection: MailboxConnection, job: Job, reference: Reference, uri: str) -> Produced:
        folder = _action(job).folder
        now_at = await connection.move(reference, uri, folder)
        details = {"folder": folder, "from": uri}
        return Produced(kind="mailbox", uri=now_at, text=f"moved to {folder}", details=details)

    def intent(self, job: Job) -> str:
        return f"would move to {_action(job).folder}"


def _action(job: Job) -> MoveFolderAction:
    action = job.command.step.action
    assert isinstance(action, MoveFolderAction)
    return action
