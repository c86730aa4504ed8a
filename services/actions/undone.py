"""What an undo takes back, and what it means for claims: what was undone can be done again."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from schemas.command import ActionCommand
from schemas.ids import is_retry
from schemas.result import Produced
from services.actions.model import ClaimKey, Verdict
from services.actions.states import State


@dataclass(frozen=True, slots=True)
class Acted:
    """A command as its own row has it, whatever the undo says of it. `undone`: it was taken back before.

    `later`: other actions of the same type that have acted on the same thing since.
    """

    command_id: UUID
    key: ClaimKey
    state: State
    attempt: int
    command: ActionCommand
    produced: Produced
    undone: bool
    later: tuple[ActionCommand, ...] = ()

    @property
    def repeated(self) -> bool:
        """Whether an earlier attempt, or the failed command that it took up, may have done what it found done."""
        return self.attempt > 1 or is_retry(self.command.run)


class Undone(NamedTuple):
    """A command that was taken back by another. `records`: the claims of records that may hold what it had made."""

    undoing: UUID
    undone: UUID
    records: tuple[ClaimKey, ...]
    model: str
    res_id: int


def undone_by(verdict: Verdict, state: State) -> Undone | None:
    """What a verdict has taken back, if it is that of an undo which succeeded."""
    command = verdict.row.command
    if command.undoes is None or state is not State.SUCCEEDED:
        return None
    produced = verdict.produced
    return Undone(command.command_id, command.undoes, verdict.records, produced.model, produced.res_id)
