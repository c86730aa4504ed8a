"""The engine when the storage fails in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runtime.errors import TargetDownError
from services.actions.memory import MemoryStore
from services.actions.memory_unit import MemoryUnit
from services.actions.states import State
from tests.unit.services.actions.making import command
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
