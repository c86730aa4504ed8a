"""An engine on the fake storage, with a clock of its own."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from runtime.backoff import Backoff
from runtime.clock import FakeClock
from schemas.command import ActionCommand
from schemas.registry import MailboxRegistry
from schemas.result import ExecutionResult
from services.actions.circuit import Circuits
from services.actions.engine import Engine
from services.actions.executor import Executor
from services.actions.memory import MemoryStore
from services.actions.policy import Policy
from services.actions.states import State
from services.actions.worker import FORGOTTEN
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import arrival, known, standing


class Rig:
    """One worker's parts. Several may share a store and its clock."""

    def __init__(
        self,
        effect: FakeEffect | None = None,
        *,
        beside: "Rig | None" = None,
        mailboxes: MailboxRegistry | None = None,
        **policy: Any,
    ) -> None:
        self.clock: FakeClock = beside.clock if beside is not None else FakeClock()
        self.store: MemoryStore = beside.store if beside is not None else MemoryStore(self.clock)
        self.effect = effect or FakeEffect()
        self.policy = Policy(**policy)
        self.circuits = Circuits(self.clock, Backoff(first=10.0))
        self.published = asyncio.Event()
        executor = Executor(
            self.effect, self.policy, self.circuits, standing(mailboxes or known(), self.policy), self.clock
        )
        self.engine = Engine(self.effect, self.policy, self.store, executor, self.clock, self.published)

    async def handle(self, *commands: ActionCommand) -> None:
        """As the worker does with what it read."""
        await self.engine.process(await self.engine.accept([arrival(each) for each in commands]))

    async def accept(self, *commands: ActionCommand) -> list[UUID]:
        """Only write them down."""
        return await self.engine.accept([arrival(each) for each in commands])

    async def sweep(self, seconds: float = 0.0) -> None:
        """As the sweeper does, after some time."""
        self.clock.advance(seconds)
        await self.engine.process(await self.store.due([self.effect.type], 500, FORGOTTEN))

    def state(self, given: ActionCommand) -> State:
        """Where the command stands."""
        return self.store.tables.commands[given.command_id].state

    def states(self, commands: Sequence[ActionCommand]) -> list[State]:
        """Where they stand."""
        return [self.state(each) for each in commands]

    def last(self, given: ActionCommand) -> ExecutionResult:
        """The last result that it put out."""
        return self.results(given)[-1]

    def results(self, given: ActionCommand) -> list[ExecutionResult]:
        """All results that it put out."""
        records = [queued.record for queued in self.store.tables.outbox.values()]
        return [
            ExecutionResult.model_validate_json(record.value)
            for record in records
            if record.topic == "automation-results" and record.command_id == given.command_id
        ]

    def queued(self, command_id: UUID) -> list[ActionCommand]:
        """The command with this id as it was published, each time."""
        records = [each.record for each in self.store.tables.outbox.values()]
        parsed = [
            ActionCommand.model_validate_json(each.value)
            for each in records
            if each.topic.startswith("actions-") and not each.topic.endswith("-dlq")
        ]
        return [each for each in parsed if each.command_id == command_id]


async def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until it holds; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
