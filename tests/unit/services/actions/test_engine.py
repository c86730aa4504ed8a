"""The engine when the storage fails in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from runtime.errors import TargetDownError
from schemas.command import ActionCommand
from services.actions.memory import MemoryStore
from services.actions.memory_unit import MemoryUnit
from services.actions.states import State
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import command, mail
from tests.unit.services.actions.rig import Rig


class Failing(MemoryStore):
    """Fails the n-th transaction from now, before or after its commit."""

    fail_in = 0
    after = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        self.fail_in -= 1
        failing = self.fail_in == 0
        async with super().unit() as unit:
            yield unit
            if failing and not self.after:
                raise TargetDownError("away")
        if failing and self.after:
            raise TargetDownError("away")


def failing() -> tuple[Rig, Failing]:
    rig = Rig()
    store = Failing(rig.clock)
    rig.store = store
    rig.engine._store = store
    return rig, store


@pytest.mark.parametrize("after", [False, True])
async def test_what_was_done_is_written_down_later_and_not_done_again(after: bool) -> None:
    rig, store = failing()
    given = command()
    ids = await rig.accept(given)
    store.fail_in, store.after = 2, after
    with pytest.raises(TargetDownError):
        await rig.engine.process(ids)
    assert rig.effect.done() == [given.event.event_id]
    await rig.engine.process(ids)
    assert rig.state(given) is State.SUCCEEDED
    assert rig.effect.done() == [given.event.event_id]
    assert len(rig.results(given)) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_a_claim_whose_commit_was_not_answered_is_taken_again(after: bool) -> None:
    rig, store = failing()
    ids = await rig.accept(command())
    store.fail_in, store.after = 1, after
    with pytest.raises(TargetDownError):
        await rig.engine.process(ids)
    assert rig.effect.calls == []
    await rig.engine.process(ids)
    assert rig.state(command()) is State.SUCCEEDED
    assert [result.attempt for result in rig.results(command())] == [1]


async def test_a_lease_that_another_has_by_now_is_left_alone() -> None:
    rig, store = failing()
    (identity,) = await rig.accept(command())
    store.fail_in, store.after = 1, True
    with pytest.raises(TargetDownError):
        await rig.engine.process([identity])
    rig.clock.advance(rig.policy.lease.total_seconds() + 1)
    async with store.unit() as unit:
        await unit.take_leases([(identity, State.RUNNING, 2)], rig.policy.lease, "another")
    await rig.engine.process([identity])
    assert rig.effect.calls == []
    assert rig.state(command()) is State.RUNNING


async def test_the_relay_is_told() -> None:
    rig = Rig()
    assert not rig.published.is_set()
    await rig.handle(command())
    assert rig.published.is_set()


def hungry(rig: Rig, count: int) -> list[ActionCommand]:
    """So many commands, of an engine that would claim them all at once."""
    rig.engine._appetite.size = count
    return [command(mail(number, conversation=number)) for number in range(1, count + 1)]


def slow(rig: Rig, seconds: float) -> None:
    """Each call of the effect takes so long."""

    async def take() -> None:
        rig.clock.advance(seconds)

    rig.effect.before = take


async def test_many_are_claimed_at_once_and_done_in_the_effect_s_batches() -> None:
    rig = Rig()
    given = hungry(rig, 120)
    await rig.handle(*given)
    assert [len(events) for _, events in rig.effect.calls] == [50, 50, 20]
    assert set(rig.states(given)) == {State.SUCCEEDED}
    assert {rig.store.tables.commands[each.command_id].fence for each in given} == set(range(1, 121))


async def test_what_cannot_begin_within_its_lease_is_given_back_and_claimed_anew() -> None:
    rig = Rig(lease=timedelta(seconds=250))
    given = hungry(rig, 150)
    slow(rig, 90.0)
    await rig.handle(*given)
    assert [len(events) for _, events in rig.effect.calls] == [50, 50, 50]
    assert rig.effect.done() == [each.event.event_id for each in given]
    assert set(rig.states(given)) == {State.SUCCEEDED}
    assert {result.attempt for each in given for result in rig.results(each)} == {1}
    assert rig.store.tables.commands[given[-1].command_id].fence > 150


async def test_a_stop_waits_for_one_batch_and_frees_the_rest() -> None:
    rig, stopping = Rig(), asyncio.Event()
    given = hungry(rig, 120)

    async def stop() -> None:
        stopping.set()

    rig.effect.before = stop
    left = await rig.engine.process(await rig.accept(*given), None, stopping)
    assert left == [each.command_id for each in given[50:]]
    assert rig.states(given) == [State.SUCCEEDED] * 50 + [State.RUNNING] * 70
    another = Rig(beside=rig)
    await another.sweep()
    assert set(rig.states(given)) == {State.SUCCEEDED}
    assert [name for name, _ in another.effect.calls] == ["do", "do"], "nothing had begun, so nothing is looked for"


async def test_what_is_done_is_written_down_while_a_slow_target_works_on_the_rest() -> None:
    rig = Rig()
    given = hungry(rig, 100)
    seen: list[State] = []

    async def take() -> None:
        seen.append(rig.state(given[0]))
        rig.clock.advance(1.0)

    rig.effect.before = take
    await rig.handle(*given)
    assert seen == [State.RUNNING, State.SUCCEEDED]


@pytest.mark.parametrize("after", [False, True])
async def test_a_store_that_fails_in_between_leaves_nothing_under_a_lease_that_nobody_uses(after: bool) -> None:
    rig, store = failing()
    given = hungry(rig, 100)
    slow(rig, 1.0)
    ids = await rig.accept(*given)
    store.fail_in, store.after = 2, after
    with pytest.raises(TargetDownError):
        await rig.engine.process(ids)
    assert len(rig.effect.done()) == 50
    await rig.engine.process(ids)
    assert rig.effect.done() == [each.event.event_id for each in given]
    assert set(rig.states(given)) == {State.SUCCEEDED}
    assert {result.attempt for each in given for result in rig.results(each)} == {1}


async def test_what_could_act_twice_is_claimed_by_the_call() -> None:
    effect = FakeEffect()
    effect.keyed = False
    rig = Rig(effect)
    given = [command(mail(number, conversation=number)) for number in range(1, 201)]
    left: list[int] = []

    async def look() -> None:
        left.append(sum(state is State.RUNNING for state in rig.states(given)))

    effect.before = look
    await rig.handle(*given)
    assert left == [50, 50, 50, 50]


async def test_streams_act_one_after_the_other_on_a_mailbox_and_together_on_what_all_share() -> None:
    async def most(rig: Rig) -> int:
        acting, found = 0, 0

        async def work() -> None:
            nonlocal acting, found
            acting += 1
            found = max(found, acting)
            await asyncio.sleep(0.01)
            acting -= 1

        rig.effect.before = work
        given = [command(mail(number, conversation=number)) for number in range(1, 7)]
        ids = await rig.accept(*given)
        turns = rig.engine.turns()
        await asyncio.gather(*(rig.engine.process(ids[at::3], turns) for at in range(3)))
        assert set(rig.states(given)) == {State.SUCCEEDED}
        return found

    assert await most(Rig()) == 1
    assert await most(Rig(FakeEffect(shared_target="odoo"))) == 2
