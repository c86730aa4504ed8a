"""What `maildesk undo` finds, asks for and is answered, on Postgres, with a worker and a log behind its producer."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import pytest

from cli.undo_asking import UNDONE_BEFORE, Asking, Manner, Undo
from cli.undo_finding import Execution, Sought, find_executions
from runtime.backoff import Backoff
from runtime.clock import FakeClock, SystemClock
from runtime.errors import InvalidInputError
from runtime.kafka import Outgoing, Producer, Received
from runtime.migrations import migrate
from runtime.postgres import Database
from schemas.command import ActionCommand, RuleReference
from schemas.envelope import encode
from schemas.topics import AUTOMATION_RESULTS, action_topic
from services.actions.circuit import Circuits
from services.actions.effects.port import DeclinedError
from services.actions.engine import Engine
from services.actions.executor import Executor
from services.actions.policy import Policy
from services.actions.reading import read_commands
from services.actions.store import PostgresStore
from services.actions.undoing import Undoing
from services.audit.decode import decode
from services.audit.entry import Entry
from services.audit.store import AuditStore
from tests.unit.services.actions.making import NOON, TAG, command, known, mail, standing
from tests.unit.services.actions.undo_rig import Traces

LONG_AGO = NOON - timedelta(days=1)


class Workshop:
    """A broker whose records are carried out and logged at once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.traces = Traces()
        self.sent: list[ActionCommand] = []
        self.away = False
        clock, policy = SystemClock(), Policy()
        self._store = PostgresStore(database)
        self._log = AuditStore(database)
        effect = Undoing(self.traces, self._store)
        executor = Executor(effect, policy, Circuits(clock, Backoff()), standing(known(), policy), clock)
        self._engine = Engine(effect, policy, self._store, executor, clock, asyncio.Event())

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """As runtime.kafka.Producer does."""
        read, refused = read_commands([Received(r.topic, 0, 0, r.key, r.value, tuple(r.headers), 0) for r in records])
        assert not refused
        self.sent += [arrival.command for _, arrival in read]
        if not self.away:
            await self._engine.process(await self._engine.accept([arrival for _, arrival in read]))
            await self._relay()

    async def act(self, number: int, revision: int = 1) -> ActionCommand:
        """A rule acts on the n-th mail."""
        given = command(mail(number, conversation=number), TAG, rule="vip")
        given = given.model_copy(update={"rule": RuleReference(id="vip", revision=revision)})
        await self.send_all([Outgoing(action_topic(given.type), *encode(given, "/tests"))])
        return given

    async def found(self, revision: int | None = None, since: datetime = LONG_AGO) -> list[Execution]:
        return await find_executions(self.database, Sought("vip", revision, since, None, None))

    async def undo(self, *, again: bool = False, dry_run: bool = False) -> list[Undo]:
        """Everything that the rule did."""
        clock, manner = FakeClock(), Manner(dry_run=dry_run, again=again, wait=0.0)
        asking = Asking(self.database, cast("Producer", self), clock, manner)
        return await asking.carry_out(await self.found(), lambda _: None)

    async def _relay(self) -> None:
        async with self._store.unit() as unit:
            waiting = await unit.take_outbox(500)
            await unit.mark_outbox([number for number, _ in waiting])
        entries = []
        for _, each in waiting:
            headers = tuple((name, text.encode()) for name, text in each.headers.items())
            if each.topic == AUTOMATION_RESULTS.name:
                entry = decode(Received(each.topic, 0, 0, each.key, each.value, headers, 0), "")
                assert isinstance(entry, Entry), entry
                entries.append(entry)
        await self._log.write(entries)


@pytest.fixture
async def workshop(database: Database) -> Workshop:
    for service in ("actions", "audit", "console"):
        await migrate(database, service)
    return Workshop(database)


def told(undos: Sequence[Undo]) -> list[tuple[str, str]]:
    return [(each.state, each.reason) for each in undos]


async def test_what_a_rule_did_is_found_newest_first_and_undone_once(workshop: Workshop) -> None:
    first, second = await workshop.act(1), await workshop.act(2, revision=2)
    assert [each.command_id for each in await workshop.found()] == [second.command_id, first.command_id]
    assert [each.command_id for each in await workshop.found(revision=1)] == [first.command_id]
    assert told(await workshop.undo(dry_run=True)) == [("planned", "")] * 2
    assert len(workshop.traces.left) == 2
    done = await workshop.undo()
    assert told(done) == [("succeeded", "")] * 2
    assert workshop.traces.left == []
    sent = len(workshop.sent)
    assert told(await workshop.undo()) == [("succeeded", UNDONE_BEFORE)] * 2
    assert len(workshop.sent) == sent, "what is undone is not asked for again"
    assert [each.undoes for each in workshop.sent[-2:]] == [second.command_id, first.command_id]
    assert len(await workshop.found()) == 2, "an undo is nothing to undo"


async def test_what_was_left_is_the_same_command_until_it_is_tried_anew(workshop: Workshop) -> None:
    given = await workshop.act(1)
    workshop.traces.refused[given.command_id] = DeclinedError("moved on", code="moved-on")
    first, second = await workshop.undo(), await workshop.undo()
    assert told(first) == told(second) == [("skipped", "moved-on")]
    assert first[0].command_id == second[0].command_id
    assert [each.run for each in await workshop.undo(again=True)] == [f"undo-{given.command_id}-1"]
    workshop.traces.refused.clear()
    assert told(await workshop.undo()) == [("skipped", "moved-on")]
    (anew,) = await workshop.undo(again=True)
    assert (anew.run, anew.state) == (f"undo-{given.command_id}-2", "succeeded")
    for again in (False, True):
        (before,) = await workshop.undo(again=again)
        assert (before.command_id, before.reason) == (anew.command_id, UNDONE_BEFORE)


async def test_what_is_not_answered_in_time_is_said_and_asked_for_again(workshop: Workshop) -> None:
    await workshop.act(1)
    workshop.away = True
    (late,) = await workshop.undo()
    assert (late.open, late.finished_at) == (True, None)
    workshop.away = False
    assert told(await workshop.undo()) == [("succeeded", "")]
    assert len({each.command_id for each in workshop.sent[1:]}) == 1


async def test_a_command_that_the_workers_do_not_have_is_left_alone(workshop: Workshop) -> None:
    await workshop.act(1)
    await workshop.database.execute("DELETE FROM actions.command")
    assert told(await workshop.undo()) == [("skipped", "not-known")]
    assert len(workshop.sent) == 1


async def test_a_rule_that_there_never_was_is_refused(workshop: Workshop) -> None:
    with pytest.raises(InvalidInputError, match="there is no rule vip; known: none yet"):
        await workshop.found()
    await workshop.act(1)
    assert len(await workshop.found()) == 1, "the log knows a rule that nobody has stored"
