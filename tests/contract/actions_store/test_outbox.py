"""The outbox and the placements."""

from uuid import UUID

from services.actions.model import Waiting
from tests.contract.actions_store.conftest import Site


def waiting(number: int) -> Waiting:
    return Waiting("topic", b"key", f"{number}".encode(), {"traceparent": "ü"}, UUID(int=number))


async def put(site: Site, *numbers: int) -> None:
    async with site.store.unit() as unit:
        await unit.put_outbox([waiting(number) for number in numbers])


async def test_records_come_in_order_until_they_are_marked(site: Site) -> None:
    await put(site, 3, 1)
    await put(site, 2)
    async with site.store.unit() as unit:
        first = await unit.take_outbox(2)
        assert [record for _, record in first] == [waiting(3), waiting(1)]
        await unit.mark_outbox([number for number, _ in first])
    async with site.store.unit() as unit:
        assert [record for _, record in await unit.take_outbox(2)] == [waiting(2)]


async def test_a_batch_is_bounded_by_bytes_and_a_record_that_is_larger_comes_alone(site: Site) -> None:
    sizes = (4, 5, 3, 20, 1, 9)
    async with site.store.unit() as unit:
        await unit.put_outbox([Waiting("t", b"k", b"x" * size, {}, UUID(int=1)) for size in sizes])
    batches = []
    for _ in range(5):
        async with site.store.unit() as unit:
            rows = await unit.take_outbox(9, max_bytes=10)
            await unit.mark_outbox([number for number, _ in rows])
        batches.append([len(record.value) for _, record in rows])
    assert batches == [[4, 5], [3], [20], [1, 9], []]


async def test_a_crash_before_the_mark_publishes_them_again(site: Site) -> None:
    await put(site, 1)
    for _ in range(2):
        async with site.store.unit() as unit:
            assert [record for _, record in await unit.take_outbox(9)] == [waiting(1)]


async def test_only_one_publishes_at_a_time(site: Site) -> None:
    await put(site, 1)
    async with site.store.unit() as one:
        assert len(await one.take_outbox(9)) == 1
        await put(site, 2)
        async with site.store.unit() as other:
            assert await other.take_outbox(9) == []
    async with site.store.unit() as later:
        assert len(await later.take_outbox(9)) == 2


async def test_the_last_placement_counts(site: Site) -> None:
    event, other = UUID(int=1), UUID(int=2)
    async with site.store.unit() as unit:
        await unit.put_placements({event: "a", other: "b"})
        await unit.put_placements({event: "c"})
        assert await unit.placements([event, UUID(int=3)]) == {event: "c"}
    async with site.store.unit() as unit:
        assert await unit.placements([event, other]) == {event: "c", other: "b"}
