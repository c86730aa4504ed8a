"""What a storage knows of commands that have acted, and what an undo leaves of their claims."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from schemas.result import Produced
from services.actions.model import ClaimKey
from services.actions.port import Store
from services.actions.states import State
from services.actions.undone import Undone
from tests.contract.actions_store.conftest import Site
from tests.contract.actions_store.steps import accept, begin, given, settle, tag

MADE = Produced(kind="record", model="crm.lead", res_id=7, text="created")
RECORDS = (ClaimKey("record:a", "", "", 0), ClaimKey("record:b", "", "", 0))


def own(number: int, generation: int = 0) -> ClaimKey:
    """The key of the n-th mail's tag command."""
    command = given(number)
    return ClaimKey(command.scope_subject, "r1", "tag", generation)


async def succeed(
    store: Store, number: int, records: Sequence[ClaimKey] = (), made: Produced = MADE, rule: str = "r1"
) -> UUID:
    """A command that has acted, and holds these."""
    (identity,) = await accept(store, tag(number, rule=rule))
    row = await begin(store, identity)
    assert await settle(store, row, State.SUCCEEDED, result=made.model_copy())
    async with store.unit() as unit:
        keys = [(row.key, identity), *((key, identity) for key in records)]
        await unit.take_claims(keys)
        await unit.keep_claims([(key, identity, made) for key, _ in keys])
    return identity


async def holders(store: Store, keys: Sequence[ClaimKey]) -> list[UUID]:
    """Who holds these now; a stranger takes what is free."""
    stranger = UUID(int=5)
    async with store.unit() as unit:
        found = await unit.take_claims([(key, stranger) for key in keys])
        await unit.release_claims([stranger])
    return [found[key].holder for key in keys]


async def test_it_tells_what_acted_as_its_row_has_it(site: Site) -> None:
    done = await succeed(site.store, 1)
    (pending,) = await accept(site.store, tag(2))
    found = await site.store.acted([done, pending, uuid4()])
    assert sorted(found) == sorted([done, pending])
    assert (found[done].state, found[done].produced, found[done].key) == (State.SUCCEEDED, MADE, own(1))
    assert (found[done].command, found[done].attempt, found[done].repeated) == (given(1), 1, False)
    assert (found[pending].state, found[pending].produced) == (State.PENDING, Produced())
    assert not found[done].undone


async def test_it_tells_which_other_actions_have_acted_on_the_same_mail_since_and_still_stand(site: Site) -> None:
    store = site.store
    earlier = await succeed(store, 1, rule="r0")
    done = await succeed(store, 1)
    later, undone = await succeed(store, 1, rule="r2"), await succeed(store, 1, rule="r3")
    await succeed(store, 2, rule="r4")
    await accept(store, tag(1, rule="r5"))
    async with store.unit() as unit:
        await unit.undo_claims([Undone(uuid4(), undone, (), "", 0)])
    found = await store.acted([earlier, done, later])
    assert [[each.rule.id for each in found[identity].later] for identity in (earlier, done, later)] == [
        ["r1", "r2"],
        ["r2"],
        [],
    ]


async def test_an_undone_key_gets_the_next_generation(site: Site) -> None:
    done = await succeed(site.store, 1)
    for _ in range(2):
        async with site.store.unit() as unit:
            await unit.undo_claims([Undone(uuid4(), done, (), "", 0)])
            assert await unit.generations([own(1), own(2)]) == {own(1)[:3]: 1}
    assert (await site.store.acted([done]))[done].undone
    async with site.store.unit() as unit:
        await unit.take_claims([(own(1, 1), UUID(int=8))])
    async with site.store.unit() as unit:
        assert await unit.generations([own(1)]) == {own(1)[:3]: 1}


async def test_records_of_what_was_undone_are_free_and_others_are_not(site: Site) -> None:
    store, undoing, stranger = site.store, uuid4(), UUID(int=5)
    done = await succeed(store, 1, RECORDS[:1])
    other = await succeed(store, 2, RECORDS[1:], MADE.model_copy(update={"res_id": 8}))
    async with store.unit() as unit:
        await unit.undo_claims([Undone(undoing, done, RECORDS, "crm.lead", 7)])
    assert await holders(store, [own(1), *RECORDS]) == [done, stranger, other]


async def test_it_locks_records_in_the_order_of_those_who_keep_them(site: Site) -> None:
    store, (first, second) = site.store, RECORDS
    done = await succeed(store, 1, RECORDS)

    async def take_back() -> None:
        async with store.unit() as unit:
            await unit.undo_claims([Undone(uuid4(), done, (second, first), MADE.model, MADE.res_id)])

    async with store.unit() as unit:
        await unit.keep_claims([(first, done, MADE)])
        waiting = asyncio.create_task(take_back())
        await asyncio.sleep(0.3)
        await unit.keep_claims([(second, done, MADE)])
    await waiting
    assert await holders(store, RECORDS) == [UUID(int=5)] * 2


async def test_a_record_that_passed_on_to_a_later_command_is_free_too(site: Site) -> None:
    store = site.store
    done = await succeed(store, 1, RECORDS)
    noted = await succeed(store, 2)
    async with store.unit() as unit:
        await unit.keep_claims([(key, noted, MADE) for key in RECORDS])
        await unit.undo_claims([Undone(uuid4(), done, RECORDS, "crm.lead", 7)])
    assert await holders(store, RECORDS) == [UUID(int=5)] * 2


async def test_what_the_undo_took_itself_is_given_back(site: Site) -> None:
    store, undoing = site.store, uuid4()
    done = await succeed(store, 1)
    async with store.unit() as unit:
        await unit.take_claims([(key, undoing) for key in RECORDS])
    async with store.unit() as unit:
        await unit.undo_claims([Undone(undoing, done, RECORDS, "crm.lead", 7)])
    assert await holders(store, RECORDS) == [UUID(int=5)] * 2


async def test_only_what_succeeded_can_be_undone(site: Site) -> None:
    store, running = site.store, given(1).command_id
    async with store.unit() as unit:
        await unit.take_claims([(own(1), running)])
        await unit.undo_claims([Undone(uuid4(), running, (), "", 0)])
        assert await unit.generations([own(1)]) == {own(1)[:3]: 0}
