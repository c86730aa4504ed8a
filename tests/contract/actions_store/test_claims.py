"""Claims: taken by the first, kept by success, given back by all else."""

import asyncio
from uuid import UUID

from schemas.result import Produced
from services.actions.model import ClaimKey, ClaimRow
from services.actions.port import Unit
from tests.contract.actions_store.conftest import Site

OWN = ClaimKey("message:1", "r1", "tag", 0)
RECORD = ClaimKey("record:db:crm.lead:reference:x", "", "", 0)
ME, YOU = UUID(int=1), UUID(int=2)
LEAD = Produced(kind="record", model="crm.lead", res_id=7, text="created", details={"reused": False, "of": ["ü", 1]})


def row(key: ClaimKey, holder: UUID, produced: Produced | None = None) -> ClaimRow:
    return ClaimRow(key, holder, produced is not None, produced)


async def take(site: Site, *wanted: tuple[ClaimKey, UUID]) -> dict[ClaimKey, ClaimRow]:
    async with site.store.unit() as unit:
        return await unit.take_claims(wanted)


async def test_the_first_holds_it_and_taking_it_again_changes_nothing(site: Site) -> None:
    assert await take(site, (OWN, ME)) == {OWN: row(OWN, ME)}
    assert await take(site, (OWN, YOU), (OWN, ME)) == {OWN: row(OWN, ME)}
    assert await take(site) == {}


async def test_within_one_call_the_first_that_wants_them_gets_all_that_it_wants(site: Site) -> None:
    other = ClaimKey("record:db:crm.lead:conversation:y", "", "", 0)
    taken = await take(site, (RECORD, ME), (other, ME), (other, YOU), (RECORD, YOU))
    assert {claim.holder for claim in taken.values()} == {ME}


async def test_released_claims_are_free_again_and_kept_ones_are_not(site: Site) -> None:
    await take(site, (OWN, ME), (RECORD, ME))
    async with site.store.unit() as unit:
        await unit.keep_claims([(RECORD, ME, LEAD)])
        await unit.release_claims([ME])
    assert await take(site, (OWN, YOU), (RECORD, YOU)) == {OWN: row(OWN, YOU), RECORD: row(RECORD, ME, LEAD)}


async def test_nobody_overwrites_anothers_own_success(site: Site) -> None:
    await take(site, (OWN, ME))
    async with site.store.unit() as unit:
        await unit.keep_claims([(OWN, ME, LEAD)])
        await unit.keep_claims([(OWN, YOU, Produced(text="other"))])
    assert await take(site, (OWN, YOU)) == {OWN: row(OWN, ME, LEAD)}


async def test_a_records_claim_passes_on_but_is_not_taken_from_one_at_work(site: Site) -> None:
    await take(site, (RECORD, ME))
    later = Produced(kind="record", model="crm.lead", res_id=8)
    async with site.store.unit() as unit:
        await unit.keep_claims([(RECORD, YOU, later)])
    assert await take(site, (RECORD, YOU)) == {RECORD: row(RECORD, ME)}
    async with site.store.unit() as unit:
        await unit.keep_claims([(RECORD, ME, LEAD)])
        await unit.keep_claims([(RECORD, YOU, later)])
    assert await take(site, (RECORD, ME)) == {RECORD: row(RECORD, YOU, later)}


async def test_what_was_made_under_a_records_claim_can_be_asked_for(site: Site) -> None:
    async with site.store.unit() as unit:
        await unit.take_claims([(RECORD, ME), (OWN, ME)])
        assert await site.store.produced([RECORD.subject]) == {}
        await unit.keep_claims([(RECORD, ME, LEAD), (OWN, ME, LEAD)])
    assert await site.store.produced([RECORD.subject, OWN.subject, "unheard of"]) == {RECORD.subject: LEAD}
    assert await site.store.produced([]) == {}


async def test_the_highest_generation_that_was_claimed(site: Site) -> None:
    async with site.store.unit() as unit:
        assert await unit.generations([OWN]) == {}
    await take(site, (OWN, ME), (OWN._replace(generation=2), YOU), (OWN._replace(rule_id="r2", generation=5), YOU))
    async with site.store.unit() as unit:
        assert await unit.generations([OWN, OWN]) == {OWN[:3]: 2}
        await unit.release_claims([YOU])
        assert await unit.generations([OWN]) == {OWN[:3]: 0}


async def test_whoever_comes_while_another_takes_it_waits_and_learns_who_has_it(site: Site) -> None:
    entered, finish = asyncio.Event(), asyncio.Event()

    async def hold(unit: Unit) -> None:
        await unit.take_claims([(OWN, ME)])
        entered.set()
        await finish.wait()

    async def one() -> None:
        async with site.store.unit() as unit:
            await hold(unit)

    first = asyncio.create_task(one())
    await entered.wait()
    second = asyncio.create_task(take(site, (OWN, YOU)))
    await asyncio.sleep(0.05)
    assert not second.done()
    finish.set()
    await first
    assert await second == {OWN: row(OWN, ME)}


async def test_where_the_other_gives_up_the_one_who_waits_gets_it(site: Site) -> None:
    entered, finish = asyncio.Event(), asyncio.Event()

    async def one() -> None:
        async with site.store.unit() as unit:
            await unit.take_claims([(OWN, ME)])
            entered.set()
            await finish.wait()
            raise ZeroDivisionError

    first = asyncio.create_task(one())
    await entered.wait()
    second = asyncio.create_task(take(site, (OWN, YOU)))
    await asyncio.sleep(0.05)
    finish.set()
    assert isinstance(await asyncio.gather(first, return_exceptions=True), list)
    assert await second == {OWN: row(OWN, YOU)}


async def test_two_that_keep_the_same_records_lock_them_in_one_order(site: Site) -> None:
    first, second = (ClaimKey(f"record:{name}", "", "", 0) for name in "ab")
    await take(site, (first, ME), (second, ME))
    async with site.store.unit() as unit:
        await unit.keep_claims([(first, ME, LEAD), (second, ME, LEAD)])

    async def other() -> None:
        async with site.store.unit() as unit:
            await unit.keep_claims([(second, YOU, LEAD), (first, YOU, LEAD)])

    async with site.store.unit() as unit:
        await unit.keep_claims([(first, ME, LEAD)])
        waiting = asyncio.create_task(other())
        await asyncio.sleep(0.3)
        await unit.keep_claims([(second, ME, LEAD)])
    await waiting
    assert {claim.holder for claim in (await take(site, (first, ME), (second, ME))).values()} == {YOU}
