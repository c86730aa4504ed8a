"""Everything between a mail and the log: real code, but for Kafka, Postgres, the targets and the clock."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar, cast
from uuid import UUID

from cli.dlq_retrying import Retry, retry_of
from cli.dlq_survey import Kept, Place
from cli.undo_asking import undo_command
from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import TransientError
from runtime.kafka import Outgoing, Producer, Received
from schemas.action import ACTION_TYPES
from schemas.dead_letter import DeadLetter
from schemas.decision import Decision
from schemas.envelope import encode
from schemas.evaluation import EvaluationRequested
from schemas.registry import MailboxRegistry, RuleRegistry
from schemas.result import ExecutionResult
from schemas.topics import AUTOMATION_RESULTS, action_topic
from services.actions.circuit import Circuits
from services.actions.engine import Engine
from services.actions.executor import Executor
from services.actions.policy import Policy
from services.actions.reading import read_commands
from services.actions.relay import Relay
from services.actions.sending import Sending
from services.actions.standing import Standing
from services.actions.undoing import Undoing
from services.evaluator.attempt import Subject
from services.evaluator.evaluate import evaluate
from services.evaluator.ruleset import Ruleset
from tests.unit.properties.scheduler import Scheduler
from tests.unit.properties.targets import SendingEffect, Targets, WorldEffect
from tests.unit.properties.watched_store import WatchedStore

T = TypeVar("T")
PROCESSES = ("w1", "w2")
POLL = 3
FORGOTTEN = timedelta(seconds=30)


class Log:
    """The broker's topics, and the execution log as audit keeps it: of a command's results the highest counts."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.topics: dict[str, list[Outgoing]] = defaultdict(list)
        self.offsets: dict[str, int] = defaultdict(int)
        self.rows: dict[UUID, ExecutionResult] = {}
        self.finals: dict[UUID, set[UUID]] = defaultdict(set)
        self._scheduler = scheduler

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """As runtime.kafka.Producer does."""
        await self._scheduler.point("before publishing")
        for record in records:
            self.topics[record.topic].append(record)
            if record.topic == AUTOMATION_RESULTS.name:
                self._audit(ExecutionResult.model_validate_json(record.value or b""))
        await self._scheduler.point("after publishing")

    def read(self, topic: str, start: int, count: int) -> list[Received]:
        """Records as a consumer gets them."""
        found = list(enumerate(self.topics[topic]))[start : start + count]
        return [Received(topic, 0, n, r.key, r.value, tuple(r.headers), 0) for n, r in found]

    def _audit(self, result: ExecutionResult) -> None:
        held = self.rows.get(result.command_id)
        if held is None or held.sequence < result.sequence:
            self.rows[result.command_id] = result
        if result.state != "retry_wait":
            self.finals[result.command_id].add(result.result_id)


class World:
    """Two worker processes on one store and one log. `rules` decide; nothing moves but by the scheduler."""

    def __init__(self, rules: Ruleset, mailboxes: MailboxRegistry) -> None:
        self.scheduler = Scheduler()
        self.clock = FakeClock()
        self.store = WatchedStore(self.clock, self.scheduler)
        self.targets = Targets(self.store)
        self.log = Log(self.scheduler)
        self.rules = rules
        self.mailboxes = mailboxes
        self.rule_heads = RuleRegistry()
        self.decisions: list[Decision] = []
        self.retried: set[UUID] = set()
        self.undos: set[UUID] = set()
        self.runs = 0
        self._engines: dict[tuple[str, str], Engine] = {}
        for process in PROCESSES:
            self._boot(process)

    def decide(self, subject: Subject) -> None:
        """The evaluator, on a record that may be a repeat."""
        found = evaluate(self.rules, subject)
        self.decisions.append(found.decision)
        for command in found.commands:
            record = Outgoing(action_topic(command.type), *encode(command, "/tests"))
            self.log.topics[record.topic].append(record)

    def retry(self, which: int, *, force_unknown: bool) -> None:
        """Somebody retries a letter, one that was retried before too, and dies before its mark."""
        topics = sorted(topic for topic in self.log.topics if topic.endswith("-dlq"))
        found = [(Place(topic, 0, n), record) for topic in topics for n, record in enumerate(self.log.topics[topic])]
        if not found:
            return
        place, record = found[which % len(found)]
        kept = Kept(place, DeadLetter.model_validate_json(record.value or b""), tuple(record.headers))
        answer = retry_of(kept, self.clock.now(), force_unknown=force_unknown)
        if isinstance(answer, Retry) and answer.command is not None:
            self.log.topics[answer.record.topic].append(answer.record)
            self.retried.add(answer.command)

    def undo(self, which: int, *, dry_run: bool) -> None:
        """Somebody undoes what the log says was done, also what was undone before."""
        rows = [row for row in self.log.rows.values() if row.state == "succeeded" and row.undoes is None]
        if not rows:
            return
        acted = self.store.tables.commands[rows[which % len(rows)].command_id].new.command
        command = undo_command(acted, self.clock.now(), dry_run=dry_run)
        record = Outgoing(action_topic(command.type), *encode(command, "/tests"))
        self.log.topics[record.topic].append(record)
        self.undos.add(command.command_id)

    def run_again(self, which: int) -> None:
        """Somebody runs the rule again on a mail of which something was undone."""
        rows = [row for row in self.log.rows.values() if row.state == "succeeded" and row.undoes is not None]
        if rows:
            self.runs += 1
            command = self.store.tables.commands[rows[which % len(rows)].command_id].new.command
            run, now = f"again-{self.runs}", self.clock.now()
            self.decide(EvaluationRequested(run=run, event=command.event, rule=command.rule.id, requested_at=now))

    def crash(self, process: str) -> None:
        """SIGKILL and a new start under the same name."""
        self.scheduler.kill(process)
        self._boot(process)

    def consume(self, process: str, kind: str) -> None:
        """Read on where the group is, carry out, commit."""
        self._begin(f"{process} reads {kind}", lambda: self._consume(process, kind))

    def redeliver(self, process: str, kind: str, start: int) -> None:
        """Read again what was read before."""
        known = self.log.offsets[action_topic(kind)]
        if known:
            records = self.log.read(action_topic(kind), start % known, min(POLL, known - start % known))
            self._begin(f"{process} reads {kind} again", lambda: self._handle(process, kind, records))

    def sweep(self, process: str, kind: str) -> None:
        """One turn of the sweeper."""
        self._begin(f"{process} sweeps {kind}", lambda: self._sweep(process, kind))

    def relay(self, process: str) -> None:
        """One turn of the relay."""
        self._begin(f"{process} relays", self._relay)

    def _begin(self, name: str, work: Callable[[], "Awaitable[None]"]) -> None:
        async def run() -> None:
            await work()

        if not self.scheduler.busy(name):
            self.scheduler.start(name, run())

    def _boot(self, process: str) -> None:
        policy = Policy(worker=process, max_attempts=3, backoff=Backoff(first=1.0, longest=20.0))
        circuits = Circuits(self.clock, Backoff(first=1.0, longest=10.0))
        standing = Standing(self.mailboxes, self.rule_heads, policy)
        published = asyncio.Event()
        effects = [Undoing(self._effect(kind), self.store) for kind in ACTION_TYPES]
        for effect in effects:
            executor = Executor(effect, policy, circuits, standing, self.clock)
            engine = Engine(effect, policy, self.store, executor, self.clock, published)
            self._engines[process, effect.type] = engine
        keyed = [effect.type for effect in effects if effect.keyed]
        self.scheduler.call(self.store.expire_own_leases(process, keyed))

    def _effect(self, kind: str) -> WorldEffect:
        if kind == "auto_reply":
            return SendingEffect(self.targets, self.scheduler, self.clock, Sending(self.store))
        return WorldEffect(kind, self.targets, self.scheduler, self.clock)

    async def _consume(self, process: str, kind: str) -> None:
        topic = action_topic(kind)
        records = self.log.read(topic, self.log.offsets[topic], POLL)
        if records:
            await self._handle(process, kind, records)
            self.log.offsets[topic] = max(self.log.offsets[topic], records[-1].offset + 1)

    async def _handle(self, process: str, kind: str, records: Sequence[Received]) -> None:
        engine = self._engines[process, kind]
        arrivals, refused = read_commands(records)
        assert not refused
        ids = await self._until(lambda: engine.accept([arrival for _, arrival in arrivals]))
        await self._until(lambda: engine.process(ids))

    async def _sweep(self, process: str, kind: str) -> None:
        ids = await self.store.due([kind], 2, FORGOTTEN)
        await self.scheduler.point("found what is due")
        await self._until(lambda: self._engines[process, kind].process(ids))

    async def _relay(self) -> None:
        relay = Relay(self.store, cast("Producer", self.log), asyncio.Event())
        await self._until(relay.publish_batch)

    async def _until(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """As Process.wait_until."""
        while True:
            try:
                return await attempt()
            except TransientError:
                await self.scheduler.point("waiting for Postgres")
