"""The worker's loops on a fake consumer: what is committed when, dead letters, the gate."""

import asyncio
import gc
from collections.abc import Sequence
from typing import cast
from uuid import UUID
from weakref import ref

from runtime.errors import MaildeskError, PermanentError, TargetDownError
from runtime.kafka import Consumer, Mark, Outgoing, Producer, Received
from runtime.service import Process
from services.actions.engine import Arrival, Engine
from services.actions.gate import Gate
from services.actions.states import State
from services.actions.worker import FIRST, LOOK_SECONDS, POLL_RECORDS, POLL_SECONDS, Worker
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import LEAD, command, mail
from tests.unit.services.actions.records import raw
from tests.unit.services.actions.rig import Rig, until


class Reading:
    """A consumer that gives batches and notes what is asked of it; the process stops when it has none left."""

    def __init__(self, process: Process, *batches: Sequence[Received]) -> None:
        self.batches = list(batches)
        self.done: list[str] = []
        self._process = process

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        del max_records
        await asyncio.sleep(0)
        if not self.batches:
            if seconds >= POLL_SECONDS:  # as the worker asks while it has nothing in hand
                self._process.stopping.set()
            return []
        self.done.append("poll")
        return list(self.batches.pop(0))

    def mark(self) -> Mark:
        return {("actions", 0): self.done.count("poll")}

    async def commit(self, upto: Mark) -> bool:
        self.done.append(f"commit {upto['actions', 0]}")
        return True

    def pause(self) -> None:
        self.done.append("pause")

    def resume(self) -> None:
        self.done.append("resume")


class Asked(Reading):
    """Notes what it was asked for."""

    def __init__(self, process: Process, *batches: Sequence[Received]) -> None:
        super().__init__(process, *batches)
        self.asked: list[tuple[int, float]] = []

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        self.asked.append((max_records, seconds))
        return await super().poll(max_records, seconds)


class Letters:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        self.sent += records


async def others_go_on() -> None:
    """Until all other tasks have come as far as they can."""
    for _ in range(1_000):
        await asyncio.sleep(0)


def worker(rig: Rig, reading: Reading, letters: Letters, engine: Engine | None = None) -> Worker:
    consumer, producer = cast("Consumer", reading), cast("Producer", letters)
    gate = Gate(rig.effect, rig.circuits)
    return Worker(rig.effect.type, engine or rig.engine, rig.store, consumer, producer, gate)


async def test_offsets_move_after_the_work() -> None:
    rig, process, letters = Rig(), Process("actions"), Letters()
    reading = Reading(process, [raw("actions-tag", command().to_json()), raw("actions-tag", b"poison")], [])

    async def look() -> None:
        await others_go_on()
        assert set(reading.done) == {"poll"}

    rig.effect.before = look
    await worker(rig, reading, letters).run(process)
    assert reading.done == ["poll", "poll", "commit 1"]
    assert rig.state(command()) is State.SUCCEEDED
    assert [record.topic for record in letters.sent] == ["actions-tag-dlq"]


async def test_a_stop_in_between_commits_nothing() -> None:
    rig, process = Rig(), Process("actions")
    commands = [command(mail(n, conversation=n)) for n in range(1, 102)]
    reading = Reading(process, [raw("actions-tag", each.to_json()) for each in commands])

    async def stop() -> None:
        process.stopping.set()

    rig.effect.before = stop
    await worker(rig, reading, Letters()).run(process)
    assert reading.done == ["poll"]
    assert sum(state is State.SUCCEEDED for state in rig.states(commands)) == 50


async def test_little_is_read_while_nothing_is_in_hand_so_that_it_is_soon_begun_with() -> None:
    rig, process = Rig(), Process("actions")
    commands = [command(mail(n, conversation=n)) for n in range(1, 4)]
    reading = Asked(process, *[[raw("actions-tag", each.to_json())] for each in commands])

    async def wait() -> None:
        await others_go_on()

    rig.effect.before = wait
    await worker(rig, reading, Letters()).run(process)
    assert reading.asked[:4] == [
        (FIRST, POLL_SECONDS),
        (POLL_RECORDS, LOOK_SECONDS),
        (POLL_RECORDS, LOOK_SECONDS),
        (POLL_RECORDS, LOOK_SECONDS),
    ]
    assert reading.asked[-1] == (FIRST, POLL_SECONDS)


async def test_the_next_poll_is_written_down_while_one_is_carried_out_and_its_offsets_wait() -> None:
    rig, process = Rig(), Process("actions")
    commands = [command(mail(n, conversation=n)) for n in (1, 2)]
    reading = Reading(process, *[[raw("actions-tag", each.to_json())] for each in commands])
    seen: list[list[str]] = []

    async def wait() -> None:
        await others_go_on()
        seen.append([*reading.done, f"{len(rig.store.tables.commands)} written"])

    rig.effect.before = wait
    await worker(rig, reading, Letters()).run(process)
    assert seen == [["poll", "poll", "2 written"], ["poll", "poll", "commit 1", "2 written"]]
    assert reading.done == ["poll", "poll", "commit 1", "commit 2"]


class Forgetful(Engine):
    """Keeps no command itself, and notes which of those to be carried out are held by nobody else either."""

    async def accept(self, arrivals: Sequence[Arrival]) -> list[UUID]:
        self.alive = {each.command.command_id: ref(each.command) for each in arrivals}
        return list(self.alive)

    async def process(
        self, ids: Sequence[UUID], turns: asyncio.Semaphore | None = None, stopping: asyncio.Event | None = None
    ) -> list[UUID]:
        del turns, stopping
        gc.collect()
        self.lost = [each for each in ids if self.alive[each]() is None]
        return []


async def test_what_is_in_hand_is_held_until_it_is_done_so_that_it_is_not_read_again() -> None:
    rig, process = Rig(), Process("actions")
    forgetful = Forgetful(rig.effect, rig.policy, rig.store, rig.engine._executor, rig.clock, rig.published)
    reading = Reading(process, [raw("actions-tag", command(mail(n)).to_json()) for n in (1, 2)])
    await worker(rig, reading, Letters(), forgetful).run(process)
    assert len(forgetful.alive) == 2
    assert forgetful.lost == []


class Picky(Engine):
    """Refuses the second mail, as Postgres would refuse a value."""

    async def accept(self, arrivals: Sequence[Arrival]) -> list[UUID]:
        if any(arrival.command.event.event_id == UUID(int=2) for arrival in arrivals):
            raise PermanentError("Postgres refused a statement", code="postgres-refused")
        return await super().accept(arrivals)


async def test_what_postgres_refuses_does_not_take_the_others_along() -> None:
    rig, process, letters = Rig(), Process("actions"), Letters()
    old = rig.engine
    picky = Picky(rig.effect, rig.policy, rig.store, old._executor, rig.clock, rig.published)
    commands = [command(mail(n)) for n in (1, 2, 3)]
    reading = Reading(process, [raw("actions-tag", each.to_json()) for each in commands])
    await worker(rig, reading, letters, picky).run(process)
    assert rig.effect.done() == [UUID(int=1), UUID(int=3)]
    assert len(letters.sent) == 1
    assert reading.done == ["poll", "commit 1"]


def down(*errors: MaildeskError | None) -> tuple[Rig, Process]:
    effect = FakeEffect("crm_lead", "odoo")
    effect.probes = list(errors)
    return Rig(effect), Process("actions")


async def test_a_target_that_is_away_at_start_is_named_and_nothing_is_read_from_it() -> None:
    away = TargetDownError("Odoo cannot be reached", code="odoo-down")
    rig, process = down(away)
    reading = Reading(process, [raw("actions-crm-lead", command(mail(), LEAD).to_json())])
    await worker(rig, reading, Letters()).run(process)
    assert reading.done[0] == "pause"
    assert process.health.report()["components"]["odoo"] == {"ready": False, "detail": "Odoo cannot be reached"}
    assert rig.effect.done() == []


async def test_reading_resumes_when_the_target_answers() -> None:
    away = TargetDownError("Odoo cannot be reached", code="odoo-down")
    rig, process = down(away, away, None)
    reading = Reading(process)
    gate = Gate(rig.effect, rig.circuits)
    consumer = cast("Consumer", reading)
    await gate.ask(process)
    assert gate.is_closed()
    await gate.keep(process, consumer)
    rig.clock.advance(rig.circuits.wait_seconds("odoo"))
    await gate.keep(process, consumer)
    assert gate.is_closed()
    rig.clock.advance(rig.circuits.wait_seconds("odoo"))
    await gate.keep(process, consumer)
    assert not gate.is_closed()
    assert reading.done == ["pause", "pause", "resume"]
    assert process.health.report()["components"]["odoo"]["ready"]
    assert [name for name, _ in rig.effect.calls] == ["probe"] * 3


async def test_the_sweeper_finds_what_waits_and_rests_while_the_target_is_down() -> None:
    rig, process = down(None)
    given = command(mail(), LEAD)
    await rig.accept(given)
    rig.clock.advance(31)
    rig.circuits.trip("odoo", "away")
    task = asyncio.create_task(worker(rig, Reading(process), Letters()).sweep(process))
    await asyncio.sleep(0.6)
    assert rig.effect.done() == []
    rig.circuits.answered("odoo")
    await until(lambda: rig.state(given) is State.SUCCEEDED)
    process.stopping.set()
    await task
