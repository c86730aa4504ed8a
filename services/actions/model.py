"""The values that actions pass around: a command's row, its claims, a job to do, and the verdict on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from schemas.command import ActionCommand
from schemas.ids import is_retry
from schemas.result import Produced
from services.actions.states import Event, State


class ClaimKey(NamedTuple):
    """The idempotency key: what is acted on, by which rule and action, in which generation."""

    subject: str
    rule_id: str
    action_id: str
    generation: int

    def __str__(self) -> str:
        return f"{self.subject}/{self.rule_id}/{self.action_id}/{self.generation}"


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Who holds a key; `produced` once it has succeeded; `undone`: until that was taken back."""

    key: ClaimKey
    holder: UUID
    succeeded: bool
    produced: Produced | None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class NewCommand:
    """A command to be accepted."""

    command: ActionCommand
    lane: str
    generation: int
    payload: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command that is locked in this transaction."""

    command_id: UUID
    seq: int
    type: str
    state: State
    attempt: int
    failures: int
    fence: int
    key: ClaimKey
    event_id: UUID
    lane: str
    wait_reason: str
    blocked_since: datetime | None
    sequence: int
    command: ActionCommand
    headers: dict[str, str]
    accepted_at: datetime

    def come_to(self, state: State) -> "CommandRow":
        """The same row in that state."""
        if state is self.state:
            return self
        # What dataclasses.replace does, in a third of the time: every command comes here.
        return CommandRow(
            self.command_id,
            self.seq,
            self.type,
            state,
            self.attempt,
            self.failures,
            self.fence,
            self.key,
            self.event_id,
            self.lane,
            self.wait_reason,
            self.blocked_since,
            self.sequence,
            self.command,
            self.headers,
            self.accepted_at,
        )


@dataclass(frozen=True, slots=True)
class Blocker:
    """An earlier mail's command that a command waits behind."""

    command_id: UUID
    state: State
    wait_reason: str


@dataclass(slots=True)
class Stage:
    """How far a job has come in the states while it is carried out; only `sending.py` moves it on."""

    state: State = State.RUNNING


@dataclass(frozen=True, slots=True)
class Job:
    """A command that we hold a lease on. One whose row is `sending` is looked at only.

    `uri`: where the message should be. `lease_ends`: on the process's monotonic clock. `records`: the keys of the
    record that it may create; `existing`: what an earlier command produced under one of them.
    """

    row: CommandRow
    fence: int
    attempt: int
    started_at: datetime
    lease_ends: float
    uri: str
    records: tuple[ClaimKey, ...] = ()
    existing: Produced | None = None
    stage: Stage = field(default_factory=Stage)

    @property
    def command(self) -> ActionCommand:
        return self.row.command

    @property
    def tried(self) -> bool:
        """Whether an earlier attempt, or the failed command that it takes up, may have left something behind."""
        return self.attempt > 1 or self.row.failures > 0 or is_retry(self.command.run)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a command, before it is written down."""

    row: CommandRow
    event: Event
    fence: int
    attempt: int
    started_at: datetime | None = None
    produced: Produced = field(default_factory=Produced)
    reason: str = ""
    text: str = ""
    wait: timedelta = timedelta(0)
    records: tuple[ClaimKey, ...] = ()
    trace: dict[str, str] = field(default_factory=dict)
    uri: str = ""
    """Where the message was believed to be."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row's new state; it applies only while the fence is still ours and the row is still in state `before`."""

    command_id: UUID
    fence: int
    before: State
    state: State
    attempt: int
    failures: int
    sequence: int
    wait: timedelta
    wait_reason: str
    blocked: bool
    result: Produced | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record in the outbox."""

    topic: str
    key: bytes
    value: bytes
    headers: dict[str, str]
    command_id: UUID
