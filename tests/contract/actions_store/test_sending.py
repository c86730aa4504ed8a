"""`sending`: entered under a lease only, looked at when the lease or the wait is over, and settled once."""

from dataclasses import replace
from datetime import timedelta

from services.actions.model import CommandRow
from services.actions.states import State
from tests.contract.actions_store.conftest import Site
from tests.contract.actions_store.steps import FORGOTTEN, LEASE, accept, begin, settle, tag

RUNNING, SENDING = State.RUNNING, State.SENDING


async def sends(site: Site, *, lease: timedelta = LEASE) -> int:
    """The first command, under a lease; returns its fence."""
    (identity,) = await accept(site.store, tag(1))
    async with site.store.unit() as unit:
        taken = await unit.take_leases([(identity, RUNNING, 1)], lease, "w")
    return taken[identity][0]


async def test_only_the_holder_of_a_live_lease_gets_there_and_may_repeat_it(site: Site) -> None:
    fence = await sends(site)
    identity = tag(1).command.command_id
    async with site.store.unit() as unit:
        assert await unit.advance([(identity, fence - 1, RUNNING, SENDING)]) == set()
        assert await unit.advance([(identity, fence, RUNNING, SENDING)]) == {identity}
        assert await unit.advance([(identity, fence, RUNNING, SENDING)]) == {identity}


async def test_nobody_gets_there_when_the_lease_is_over(site: Site) -> None:
    fence = await sends(site, lease=timedelta(seconds=0.2))
    await site.pass_time(0.3)
    async with site.store.unit() as unit:
        assert await unit.advance([(tag(1).command.command_id, fence, RUNNING, SENDING)]) == set()


async def test_one_that_was_left_there_is_due_and_stays_what_it_is(site: Site) -> None:
    fence = await sends(site, lease=timedelta(seconds=0.5))
    identity = tag(1).command.command_id
    async with site.store.unit() as unit:
        await unit.advance([(identity, fence, RUNNING, SENDING)])
    assert await site.store.due(["tag"], 10, FORGOTTEN) == []
    await site.pass_time(0.6)
    assert await site.store.due(["tag"], 10, FORGOTTEN) == [identity]
    async with site.store.unit() as unit:
        (row,) = await unit.lock_claimable([identity])
        assert row.state is SENDING
        await unit.take_leases([(identity, SENDING, 2)], LEASE, "w")
    assert await site.store.due(["tag"], 10, FORGOTTEN) == []
    await site.store.expire_own_leases("w", ["tag"])
    assert await site.store.due(["tag"], 10, FORGOTTEN) == [identity]


async def test_it_is_in_the_way_of_later_mail_of_its_lane(site: Site) -> None:
    fence = await sends(site)
    await accept(site.store, tag(2))
    async with site.store.unit() as unit:
        await unit.advance([(tag(1).command.command_id, fence, RUNNING, SENDING)])
        rows = await unit.lock_claimable([tag(2).command.command_id])
        found = await unit.blockers(rows)
    assert [(each.command_id, each.state) for each in found.values()] == [(tag(1).command.command_id, SENDING)]


async def test_a_look_that_found_nothing_waits_and_is_written_down_once(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    row = await begin(site.store, identity)
    async with site.store.unit() as unit:
        taken = await unit.take_leases([(identity, SENDING, 2)], LEASE, "w")
    row = _under(row, taken[identity][0], SENDING)
    again = {"failures": 1, "wait": timedelta(seconds=0.4)}
    assert await settle(site.store, row, SENDING, **again)
    assert not await settle(site.store, row, SENDING, **again)
    assert await site.store.due(["tag"], 10, FORGOTTEN) == []
    await site.pass_time(0.5)
    assert await site.store.due(["tag"], 10, FORGOTTEN) == [identity]
    assert await settle(site.store, row, State.FAILED)
    assert not await settle(site.store, row, State.FAILED)


async def test_a_holder_that_did_not_hear_that_it_got_there_still_settles(site: Site) -> None:
    fence = await sends(site)
    identity = tag(1).command.command_id
    async with site.store.unit() as unit:
        await unit.advance([(identity, fence, RUNNING, SENDING)])
    row = _under(await _row(site), fence, RUNNING)
    assert await settle(site.store, row, State.RETRY_WAIT, failures=1)
    assert not await settle(site.store, row, State.RETRY_WAIT, failures=1)


async def test_what_was_not_begun_is_given_back_uncounted(site: Site) -> None:
    await sends(site)
    identity = tag(1).command.command_id
    async with site.store.unit() as unit:
        taken = await unit.take_leases([(identity, SENDING, 2)], LEASE, "w")
        await unit.give_back([(identity, taken[identity][0])])
    async with site.store.unit() as unit:
        (row,) = await unit.lock_claimable([identity])
    assert (row.state, row.attempt) == (SENDING, 1)


async def _row(site: Site) -> CommandRow:
    """The row of a second command, in the shape of the first's."""
    (other,) = await accept(site.store, tag(9, conversation=9))
    return await begin(site.store, other)


def _under(row: CommandRow, fence: int, state: State) -> CommandRow:
    return replace(row, command_id=tag(1).command.command_id, fence=fence, state=state)
