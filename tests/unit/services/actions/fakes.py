"""A fake effect, and jobs without a store."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.model import ClaimKey, CommandRow, Job, Verdict
from services.actions.states import Event, State
from tests.unit.services.actions.making import NOON, command

Answer = Produced | MaildeskError


class FakeEffect:
    """Answers as it is told, and notes what it was asked. `answers` are by event id; others are done."""

    batch = 50
    seconds = 100.0
    keyed = True

    def __init__(self, kind: str = "tag", shared_target: str | None = None) -> None:
        self.type = kind
        self.shared_target = shared_target
        self.answers: dict[UUID, Answer | Exception] = {}
        self.found: dict[UUID, Answer] = {}
        self.calls: list[tuple[str, list[UUID]]] = []
        self.before: Callable[[], Awaitable[None]] | None = None
        self.subjects: tuple[str, ...] = ()
        self.probes: list[MaildeskError | None] = []

    def target(self, command: ActionCommand) -> str:
        return self.shared_target or f"mailbox:{command.event.mailbox}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        del command
        return self.subjects

    async def plan(self, job: Job) -> Produced:
        self.calls.append(("plan", [job.row.event_id]))
        return Produced(text="would")

    async def find(self, job: Job) -> Produced | None:
        self.calls.append(("find", [job.row.event_id]))
        answer = self.found.get(job.row.event_id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def do(self, jobs: Sequence[Job]) -> list[Answer]:
        self.calls.append(("do", [job.row.event_id for job in jobs]))
        if self.before is not None:
            await self.before()
        answers = [self.answers.get(job.row.event_id, Produced(text="done")) for job in jobs]
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, MaildeskError):
                raise answer
        return [answer for answer in answers if isinstance(answer, Produced | MaildeskError)]

    async def probe(self) -> None:
        self.calls.append(("probe", []))
        error = self.probes.pop(0) if self.probes else None
        if error is not None:
            raise error

    def done(self) -> list[UUID]:
        """Events in the order in which they were acted on."""
        return [event for name, events in self.calls if name == "do" for event in events]


def row(given: ActionCommand | None = None, **fields: Any) -> CommandRow:
    """A row under a lease."""
    made = given or command()
    facts: dict[str, Any] = {
        "command_id": made.command_id,
        "seq": 1,
        "type": made.type,
        "state": State.RUNNING,
        "attempt": 0,
        "failures": 0,
        "fence": 7,
        "key": ClaimKey(made.scope_subject, made.rule.id, made.step.action.id, 0),
        "event_id": made.event.event_id,
        "lane": "lane",
        "wait_reason": "",
        "blocked_since": None,
        "sequence": 0,
        "command": made,
        "headers": {},
        "accepted_at": NOON,
    }
    return CommandRow(**{**facts, **fields})


def job(given: ActionCommand | None = None, *, attempt: int = 1, **fields: Any) -> Job:
    """A job with a long lease; fields of the row may be given."""
    made = row(given, attempt=attempt - 1, **fields)
    return Job(made, fence=8, attempt=attempt, started_at=NOON, lease_ends=1_000.0, uri=made.command.event.content.uri)


def verdict(given: CommandRow, event: Event, **fields: Any) -> Verdict:
    """What became of it."""
    return replace(Verdict(given, event, fence=given.fence, attempt=given.attempt + 1), **fields)
