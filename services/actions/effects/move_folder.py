"""`move_folder`: move the message to an existing folder of its account."""

from connectors.mailbox.changes import Change, Move
from connectors.mailbox.port import FolderMissingError
from schemas.mailbox_action import MoveFolderAction
from schemas.result import Produced
from services.actions.effects.on_mailbox import MailboxEffect
from services.actions.effects.port import DeclinedError
from services.actions.effects.together import Done
from services.actions.model import Job


class MoveFolder(MailboxEffect):
    """A message that is in the folder already stays where it is; the folder is never created."""

    type = "move_folder"
    needs = "a mailbox with folders, and the folder in it; none is ever created"
    repeat = "the message itself: it is looked for in the folder before it is moved"

    async def plan(self, job: Job) -> Produced:
        folder = _action(job).folder
        if job.command.event.hosted is not None:
            raise DeclinedError("the mail lies in Odoo, which has no folders", code="no-folders")
        connection = await self._connections.get(job.command.event.mailbox)
        if folder not in (folders := await connection.folders()):
            known = ", ".join(sorted(folders)[:20])
            raise FolderMissingError(f"there is no folder {folder}; the account has: {known}")
        return await super().plan(job)

    def change(self, job: Job) -> Change:
        return Move(_action(job).folder)

    def produced(self, job: Job, done: Done) -> Produced:
        folder = _action(job).folder
        details = {"folder": folder, "from": done.found_at}
        return Produced(kind="mailbox", uri=done.changed.uri, text=f"moved to {folder}", details=details)

    def intent(self, job: Job) -> str:
        return f"would move to {_action(job).folder}"


def _action(job: Job) -> MoveFolderAction:
    action = job.command.step.action
    assert isinstance(action, MoveFolderAction)
    return action
