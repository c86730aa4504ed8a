"""Who stands before whom in a lane."""

from datetime import timedelta
from uuid import UUID

from services.actions.model import Blocker
from services.actions.states import State
from tests.contract.actions_store.conftest import Site
from tests.contract.actions_store.steps import LEASE, accept, look, settle, tag


async def blocker(site: Site, identity: UUID) -> Blocker | None:
    async with site.store.unit() as unit:
        (row,) = await unit.lock_claimable([identity], early=True)
        return (await unit.blockers([row])).get(identity)


async def test_the_oldest_unfinished_one_of_another_mail_stands_before(site: Site) -> None:
    first, second, third = await accept(site.store, tag(1), tag(2), tag(3))
    assert await blocker(site, first) is None
    assert await blocker(site, third) == Blocker(first, State.PENDING, "")
    await settle(site.store, await look(site.store, first), State.RETRY_WAIT, wait_reason="time-out")
    assert await blocker(site, third) == Blocker(first, State.RETRY_WAIT, "time-out")
    async with site.store.unit() as unit:
        await unit.take_leases([(first, State.RUNNING, 1)], LEASE, "w")
    assert await blocker(site, third) == Blocker(first, State.RUNNING, "")
    await settle(site.store, await look(site.store, first), State.FAILED)
    assert await blocker(site, third) == Blocker(second, State.PENDING, "")
    await settle(site.store, await look(site.store, second), State.SKIPPED)
    assert await blocker(site, third) is None


async def test_other_lanes_and_the_same_mail_do_not_stand_before(site: Site) -> None:
    _, _, last = await accept(site.store, tag(1, conversation=2), tag(3, rule="other"), tag(3))
    assert await blocker(site, last) is None


async def test_a_later_one_never_stands_before(site: Site) -> None:
    first, second = await accept(site.store, tag(1), tag(2))
    await settle(site.store, await look(site.store, second), State.RETRY_WAIT, wait=timedelta(seconds=5))
    assert await blocker(site, first) is None
