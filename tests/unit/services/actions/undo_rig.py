"""A worker that undoes: an effect whose traces can be counted, on the fake storage."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from cli.undo_asking import undo_command
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.effects.port import DeclinedError
from services.actions.model import Job
from services.actions.undoing import Undoing
from services.actions.undone import Acted
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import NOON, command
from tests.unit.services.actions.rig import Rig

AT = NOON + timedelta(hours=1)


class Traces(FakeEffect):
    """What it does leaves a trace under its key; an undo wipes it away."""

    def __init__(self, kind: str = "tag") -> None:
        super().__init__(kind)
        self.left: list[str] = []
        self.undone: list[str] = []
        self.refused: dict[UUID, DeclinedError | Exception] = {}
        self.within: Callable[[], None] = lambda: None

    async def do(self, jobs: Any) -> list[Any]:
        answers = await super().do(jobs)
        self.left += [str(job.row.key) for job, answer in zip(jobs, answers, strict=True) if _is_good(answer)]
        return answers

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        """See Undoable."""
        if (error := self.refused.get(acted.command_id)) is not None:
            raise error
        if dry_run:
            return Produced(text="would wipe")
        if str(job.row.key) in self.left:
            self.left.remove(str(job.row.key))
            self.undone.append(str(job.row.key))
        self.within()
        return acted.produced.model_copy(update={"text": "wiped"})


class UndoRig(Rig):
    """See the module's text."""

    def __init__(self, traces: Traces | None = None, *, beside: "Rig | None" = None, **policy: Any) -> None:
        store = beside or Rig()
        self.traces = traces or Traces()
        super().__init__(cast("FakeEffect", Undoing(self.traces, store.store)), beside=store, **policy)


def undo(given: ActionCommand, again: int = 0, **fields: Any) -> ActionCommand:
    """The command that takes this one back, as `maildesk undo` makes it."""
    return undo_command(given, AT, again=again).model_copy(update=fields)


def rerun(given: ActionCommand, run: str = "manual-1", **fields: Any) -> ActionCommand:
    """The same action on the same mail in a run of its own."""
    return given.model_copy(update={"run": run, "trigger": "manual", **fields})


def lead(**fields: Any) -> ActionCommand:
    """A command that makes a record."""
    return command(None, {"id": "lead", "type": "crm_lead"}, **fields)


def _is_good(answer: object) -> bool:
    return isinstance(answer, Produced)
