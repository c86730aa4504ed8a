"""Accepting, locking, leasing and changing commands."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from schemas.result import Produced
from services.actions.states import State
from services.actions.store import PostgresStore
from tests.contract.actions_store.conftest import Site
from tests.contract.actions_store.steps import (
    FORGOTTEN,
    LEASE,
    accept,
    begin,
    change,
    given,
    lockable,
    look,
    settle,
    tag,
)


async def test_a_command_comes_back_as_it_was_accepted(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    row = await look(site.store, identity)
    assert (row.command, row.state, row.attempt, row.fence) == (given(1), State.PENDING, 0, 0)
    assert (row.key.subject, row.key.generation) == (f"message:{UUID(int=1)}", 0)
    assert row.headers == {"traceparent": "t"}
    assert (row.type, row.wait_reason, row.blocked_since, row.sequence) == ("tag", "", None, 0)


async def test_a_repeated_command_id_changes_nothing(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    await accept(site.store, tag(1, on_error="continue"), tag(1))
    assert (await look(site.store, identity)).command.on_error == "stop"


async def test_a_unit_that_fails_leaves_nothing(site: Site) -> None:
    async def fail() -> None:
        async with site.store.unit() as unit:
            await unit.insert_commands([tag(1)])
            assert len(await unit.lock_claimable([given(1).command_id])) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with site.store.unit() as unit:
        assert await unit.lock_claimable([given(1).command_id]) == []


async def test_rows_come_by_age_and_unknown_ones_not_at_all(site: Site) -> None:
    ids = await accept(site.store, tag(1), tag(2), tag(3))
    async with site.store.unit() as unit:
        assert await lockable(unit, [ids[2], UUID(int=5), ids[0], ids[1], ids[0]]) == ids


async def test_what_another_unit_has_locked_is_left_out(site: Site) -> None:
    ids = await accept(site.store, tag(1), tag(2))
    async with site.store.unit() as one:
        assert await lockable(one, ids[:1]) == ids[:1]
        async with site.store.unit() as other:
            assert await lockable(other, ids) == ids[1:]
    async with site.store.unit() as later:
        assert await lockable(later, ids) == ids


async def test_a_lease_keeps_a_command_until_it_ends(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    async with site.store.unit() as unit:
        taken = await unit.take_leases([(identity, State.RUNNING, 1)], timedelta(seconds=0.5), "w")
        fence, started = taken[identity]
        assert started == unit.now
    async with site.store.unit() as unit:
        assert await unit.lock_claimable([identity], early=True) == []
    await site.pass_time(0.6)
    async with site.store.unit() as unit:
        (row,) = await unit.lock_claimable([identity])
        again = await unit.take_leases([(identity, State.RUNNING, 2)], LEASE, "w")
    assert (row.state, row.attempt, row.fence) == (State.RUNNING, 1, fence)
    assert again[identity][0] > fence


async def test_a_lease_that_is_given_back_counts_no_attempt(site: Site) -> None:
    mine, others = await accept(site.store, tag(1), tag(2))
    async with site.store.unit() as unit:
        taken = await unit.take_leases([(mine, State.RUNNING, 3), (others, State.RUNNING, 1)], LEASE, "w")
    async with site.store.unit() as unit:
        await unit.give_back([(mine, taken[mine][0]), (others, taken[others][0] - 1)])
    async with site.store.unit() as unit:
        (row,) = await unit.lock_claimable([mine, others])
    assert (row.command_id, row.state, row.attempt) == (mine, State.RUNNING, 2)


async def test_a_lease_is_given_back_once_also_when_nobody_heard_of_it(site: Site) -> None:
    """A commit without an answer is made again: each time it would take an attempt away."""
    (identity,) = await accept(site.store, tag(1))
    async with site.store.unit() as unit:
        taken = await unit.take_leases([(identity, State.RUNNING, 1)], LEASE, "w")
    for _ in range(3):
        async with site.store.unit() as unit:
            await unit.give_back([(identity, taken[identity][0])])
    async with site.store.unit() as unit:
        (row,) = await unit.lock_claimable([identity])
    assert row.attempt == 0


async def test_only_the_latest_fence_changes_a_command(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    first = await begin(site.store, identity)
    await site.store.expire_own_leases("w", ["tag"])
    second = await begin(site.store, identity)
    assert not await settle(site.store, first, State.SUCCEEDED)
    assert await settle(site.store, second, State.SUCCEEDED)
    assert not await settle(site.store, second, State.FAILED)


async def test_a_change_is_applied_once(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    row = await begin(site.store, identity)
    waits = {"failures": 1, "sequence": 1, "wait": timedelta(seconds=0.5), "wait_reason": "time-out"}
    assert await settle(site.store, row, State.RETRY_WAIT, **waits)
    assert not await settle(site.store, row, State.RETRY_WAIT, **waits)
    async with site.store.unit() as unit:
        assert await unit.lock_claimable([identity]) == []
        (early,) = await unit.lock_claimable([identity], early=True)
    assert (early.state, early.failures, early.sequence, early.wait_reason) == (State.RETRY_WAIT, 1, 1, "time-out")
    await site.pass_time(0.6)
    assert (await begin(site.store, identity)).wait_reason == ""


async def test_the_beginning_of_a_block_is_kept_until_it_ends(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    row = await look(site.store, identity)
    await settle(site.store, row, State.RETRY_WAIT, blocked=True)
    since = (await look(site.store, identity)).blocked_since
    await site.pass_time(0.05)
    await settle(site.store, await look(site.store, identity), State.RETRY_WAIT, blocked=True)
    assert since is not None
    assert (await look(site.store, identity)).blocked_since == since
    await settle(site.store, await look(site.store, identity), State.RETRY_WAIT)
    assert (await look(site.store, identity)).blocked_since is None


async def test_two_that_change_the_same_row_do_so_one_after_the_other(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    row = await begin(site.store, identity)
    applied = await asyncio.gather(*(settle(site.store, row, State.SUCCEEDED) for _ in range(2)))
    assert sorted(applied) == [False, True]


async def test_final_commands_are_never_claimable(site: Site) -> None:
    (identity,) = await accept(site.store, tag(1))
    row = await look(site.store, identity)
    async with site.store.unit() as unit:
        await unit.change_commands([change(row, State.SKIPPED, result=Produced(text="done"))])
        assert await unit.lock_claimable([identity], early=True) == []
    assert await site.store.due(["tag"], 10, timedelta(0)) == []


async def test_due_names_waits_that_are_over_dead_leases_and_the_forgotten(site: Site) -> None:
    waits, sleeps, dead, busy, pending = await accept(site.store, *(tag(n) for n in range(1, 6)))
    await settle(site.store, await look(site.store, waits), State.RETRY_WAIT)
    await settle(site.store, await look(site.store, sleeps), State.RETRY_WAIT, wait=timedelta(seconds=60))
    async with site.store.unit() as unit:
        await unit.take_leases([(dead, State.RUNNING, 1)], timedelta(0), "w")
        await unit.take_leases([(busy, State.RUNNING, 1)], LEASE, "w")
    assert await site.store.due(["tag"], 10, FORGOTTEN) == [waits, dead]
    assert await site.store.due(["tag"], 10, timedelta(0)) == [waits, dead, pending]
    assert await site.store.due(["star"], 10, timedelta(0)) == []


async def test_due_lets_none_starve(site: Site) -> None:
    ids = await accept(site.store, *(tag(n) for n in range(1, 4)))
    for identity, wait in zip(ids, (0.0, -1.0, -2.0), strict=True):
        row = await look(site.store, identity)
        await settle(site.store, row, State.RETRY_WAIT, wait=timedelta(seconds=wait))
    assert await site.store.due(["tag"], 1, FORGOTTEN) == ids[2:]
    assert await site.store.due(["tag"], 2, FORGOTTEN) == ids[1:]


async def test_a_worker_expires_its_own_leases_only(site: Site) -> None:
    mine, others = await accept(site.store, tag(1), tag(2))
    async with site.store.unit() as unit:
        await unit.take_leases([(mine, State.RUNNING, 1)], LEASE, "mine")
        await unit.take_leases([(others, State.RUNNING, 1)], LEASE, "other")
    await site.store.expire_own_leases("mine", ["star"])
    assert await site.store.due(["tag"], 10, FORGOTTEN) == []
    await site.store.expire_own_leases("mine", ["tag"])
    assert await site.store.due(["tag"], 10, FORGOTTEN) == [mine]


async def test_what_waits_is_counted_with_the_age_of_its_oldest(postgres: Site) -> None:
    store = postgres.store
    assert isinstance(store, PostgresStore)
    nothing = {"pending": (0, 0.0), "running": (0, 0.0), "retry_wait": (0, 0.0)}
    assert await store.waiting() == nothing
    await accept(store, tag(1), tag(2))
    await postgres.pass_time(0.2)
    (pending, oldest) = (await store.waiting())["pending"]
    assert pending == 2
    assert 0.2 <= oldest < 60
    assert await store.backlog() == {"pending": 2, "running": 0, "retry_wait": 0, "unpublished": 0}
