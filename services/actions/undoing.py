"""Undo commands: they go the way of all commands, and take back what the row of the one that acted says."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.ids import is_retry
from schemas.result import Produced
from services.actions.effects.one_by_one import one_by_one
from services.actions.effects.port import DeclinedError, LastingError, NotKnownError, Undoable
from services.actions.model import Job
from services.actions.port import Store
from services.actions.states import State
from services.actions.undone import Acted

Answer = Produced | MaildeskError


class Undoing:
    """An effect that takes back, where a command says `undoes`, and otherwise acts as the one that it is around."""

    def __init__(self, effect: Undoable, store: Store) -> None:
        self.type = effect.type
        self.batch = effect.batch
        self.seconds = effect.seconds
        self.keyed = effect.keyed
        self.shared_target = effect.shared_target
        self._effect = effect
        self._store = store

    def target(self, command: ActionCommand) -> str:
        return self._effect.target(command)

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        return self._effect.record_subjects(command)

    async def plan(self, job: Job) -> Produced:
        if (undoes := job.command.undoes) is None:
            return await self._effect.plan(job)
        return await self._undo(job, await self._store.acted([undoes]), dry_run=True)

    async def find(self, job: Job) -> Produced | None:
        # An undo looks for itself what is left to be taken back.
        return await self._effect.find(job) if job.command.undoes is None else None

    async def do(self, jobs: Sequence[Job]) -> list[Answer]:
        undos = [job for job in jobs if job.command.undoes is not None]
        if not undos:
            return await self._effect.do(jobs)
        others = [job for job in jobs if job.command.undoes is None]
        # Side by side, and neither loses its answers by what the other raises.
        acted, undone = await asyncio.gather(self._do(others), self._undo_all(undos), return_exceptions=True)
        answers = _each(others, acted) | _each(undos, undone)
        return [answers[job.row.command_id] for job in jobs]

    async def probe(self) -> None:
        await self._effect.probe()

    async def _do(self, jobs: Sequence[Job]) -> Sequence[Answer]:
        return await self._effect.do(jobs) if jobs else []

    async def _undo_all(self, jobs: Sequence[Job]) -> Sequence[Answer]:
        """Targets side by side, the jobs of each one after the other."""
        acted = await self._store.acted([undoes for job in jobs if (undoes := job.command.undoes) is not None])
        groups: dict[str, list[Job]] = {}
        for job in jobs:
            groups.setdefault(self.target(job.command), []).append(job)

        async def act(job: Job) -> Answer:
            return await self._undo(job, acted, dry_run=False)

        answered = await asyncio.gather(
            *(one_by_one(group, act, self.seconds, target) for target, group in groups.items())
        )
        found: dict[UUID, Answer] = {}
        for group, answers in zip(groups.values(), answered, strict=True):
            found |= _each(group, answers)
        return [found[job.row.command_id] for job in jobs]

    async def _undo(self, job: Job, known: Mapping[UUID, Acted], *, dry_run: bool) -> Produced:
        undoes = job.command.undoes
        acted = _require_acted(job, known.get(undoes) if undoes is not None else None)
        row = replace(job.row, key=acted.key, command=acted.command)
        # A retry takes up what another command began.
        attempt = job.attempt + is_retry(job.command.run)
        as_it_was = replace(job, row=row, attempt=attempt, records=(), existing=None)
        return await self._effect.undo(as_it_was, acted, dry_run=dry_run)


def _require_acted(job: Job, acted: Acted | None) -> Acted:
    """What the undo's command is about, if that can be taken back at all. Raises DeclinedError."""
    if acted is None:
        raise NotKnownError(f"there is no command {job.command.undoes}")
    if acted.command.undoes is not None:
        raise LastingError("an undo is not undone: run the rule again on the mail instead")
    if _about(acted.command) != _about(job.command):
        text = f"command {acted.command_id} was another action of another rule or mail"
        raise DeclinedError(text, code="mismatch")
    if acted.state is not State.SUCCEEDED:
        raise DeclinedError(f"there is nothing to take back: the command is {acted.state}", code="not-done")
    if acted.undone:
        raise DeclinedError("it was undone before", code="undone")
    return acted


def _about(command: ActionCommand) -> tuple[UUID, str, str, str]:
    return command.event.event_id, command.rule.id, command.step.action.id, command.type


def _each(jobs: Sequence[Job], answers: Sequence[Answer] | BaseException) -> dict[UUID, Answer]:
    """The answer of each job; what failed as a whole failed for each. Raises what is no error of ours."""
    if isinstance(answers, MaildeskError):
        return {job.row.command_id: answers for job in jobs}
    if isinstance(answers, BaseException):
        raise answers
    return {job.row.command_id: answer for job, answer in zip(jobs, answers, strict=True)}
