"""Batches side by side on a target that all commands share: what is under way, and what is held, at most."""

import asyncio
from collections.abc import Sequence

import pytest

from runtime.errors import MaildeskError, TransientError
from runtime.kafka import Received
from runtime.service import Process
from schemas.result import Produced
from services.actions.engine import SHARED_AT_ONCE
from services.actions.model import Job
from services.actions.states import State
from services.actions.worker import POLL_RECORDS
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import LEAD, command, mail
from tests.unit.services.actions.records import raw
from tests.unit.services.actions.rig import Rig
from tests.unit.services.actions.test_engine import failing
from tests.unit.services.actions.test_worker import Letters, Reading, worker


class Slow(FakeEffect):
    """Takes a moment for each call, and notes how many jobs and calls were under way at once."""

    def __init__(self, shared_target: str | None = "odoo") -> None:
        super().__init__("crm_lead" if shared_target else "tag", shared_target)
        self.jobs = self.most_jobs = self.under_way = self.most_under_way = 0

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        self.jobs, self.under_way = self.jobs + len(jobs), self.under_way + 1
        self.most_jobs = max(self.most_jobs, self.jobs)
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.005)
        self.jobs, self.under_way = self.jobs - len(jobs), self.under_way - 1
        return await super().do(jobs)


class Flood(Reading):
    """Gives as many as it is asked for of what is left, and notes how many were given and not carried out then."""

    def __init__(self, process: Process, given: Sequence[Received], effect: FakeEffect) -> None:
        super().__init__(process)
        self._left = list(given)
        self._effect = effect
        self._given = 0
        self.most = 0

    async def poll(self, max_records: int, seconds: float) -> list[Received]:
        if not self._left:
            return await super().poll(max_records, seconds)
        await asyncio.sleep(0)
        some, self._left = self._left[:max_records], self._left[max_records:]
        self._given += len(some)
        self.most = max(self.most, self._given - len(self._effect.done()))
        self.done.append("poll")
        return some


async def test_a_flood_is_carried_out_in_bounded_portions() -> None:
    effect, process = Slow(), Process("actions")
    rig = Rig(effect)
    commands = [command(mail(n, conversation=n), LEAD) for n in range(1, 2_501)]
    reading = Flood(process, [raw("actions-crm-lead", each.to_json()) for each in commands], effect)
    await worker(rig, reading, Letters()).run(process)
    assert set(rig.states(commands)) == {State.SUCCEEDED}
    commits = [each for each in reading.done if each.startswith("commit")]
    assert commits[-1] == f"commit {reading.done.count('poll')}"
    assert commits == sorted(set(commits))
    assert reading.most <= 2 * POLL_RECORDS
    assert effect.most_under_way == SHARED_AT_ONCE
    assert effect.most_jobs == SHARED_AT_ONCE * effect.batch


async def test_one_conversation_is_done_in_its_order() -> None:
    effect, process = Slow(), Process("actions")
    rig = Rig(effect)
    commands = [command(mail(n, conversation=n % 3), LEAD) for n in range(1, 13)]
    await worker(rig, Reading(process, [raw("actions-crm-lead", each.to_json()) for each in commands]), Letters()).run(
        process
    )
    for talk in range(3):
        done = [event.int for event in effect.done() if event.int % 3 == talk]
        assert done == sorted(done)
        assert len(done) == 4


async def test_a_mailbox_gets_one_batch_at_a_time() -> None:
    effect, process = Slow(None), Process("actions")
    commands = [command(mail(n, conversation=n)) for n in range(1, 121)]
    reading = Reading(process, [raw("actions-tag", each.to_json()) for each in commands])
    await worker(Rig(effect), reading, Letters()).run(process)
    assert effect.most_under_way == 1
    assert len(effect.done()) == len(commands)


async def test_what_could_not_be_written_down_is_written_by_one_of_two_tasks_and_done_once() -> None:
    rig, store = failing()
    commands = [command(mail(n, conversation=n)) for n in (1, 2)]
    ids = await rig.accept(*commands)
    store.fail_in = 2
    with pytest.raises(TransientError):
        await rig.engine.process(ids[:1])
    await asyncio.gather(rig.engine.process(ids[:1]), rig.engine.process(ids[1:]))
    assert rig.states(commands) == [State.SUCCEEDED] * 2
    assert sorted(event.int for event in rig.effect.done()) == [1, 2]
    assert [len(rig.results(each)) for each in commands] == [1, 1]
