"""An action type that cannot act here since something is not configured: every command says so."""

from collections.abc import Sequence

from runtime.errors import MaildeskError, PermanentError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.model import Job
from services.actions.undone import Acted


class Unavailable:
    """Fails each command with one code and a text that names the remedy."""

    batch = 50
    seconds = 1.0
    keyed = True
    shared_target: str | None = None

    def __init__(self, action_type: str, code: str, text: str) -> None:
        self.type = action_type
        self._error = PermanentError(text, code=code)

    def target(self, command: ActionCommand) -> str:
        return f"unconfigured:{command.type}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        del command
        return ()

    async def plan(self, job: Job) -> Produced:
        del job
        raise self._error

    async def find(self, job: Job) -> Produced | None:
        del job
        return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        return [self._error] * len(jobs)

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        del job, acted, dry_run
        raise self._error

    async def probe(self) -> None:
        """There is nothing to ask."""
        return
