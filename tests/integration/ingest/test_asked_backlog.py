"""Backlogs that somebody asks for: which mail, how fast, what a cancellation, a switch or a death leaves of them."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from runtime.postgres import Database
from services.ingest.backlog.asked import Asked, begin, cancel
from tests.integration.ingest.parts import migrated
from tests.integration.ingest.test_backlog import BEGIN, Dying, House, event, wanted

RUN = f"backlog-a-r{'0' * 12}"


def asked(**fields: object) -> Asked:
    given = {"mailbox": "info", "rule": "a", "direction": "incoming", "since": BEGIN, "until": None, "rate": None}
    return Asked(**{**given, "changed_at": BEGIN, "by": "anna", **fields})  # type: ignore[arg-type]


@pytest.fixture
async def house(database: Database) -> House:
    return House(await migrated(database))


async def ask(house: House, number: int = 0, **fields: object) -> str:
    return await begin(house.database, asked(**fields), UUID(int=number), house.clock.now())


async def test_the_mail_of_the_span_is_handed_over_once_the_earliest_first(house: House) -> None:
    await house.record([event(n, days=days) for n, days in enumerate((9, 3, 5, 2, 4), 1)])
    await house.record([event(6, days=4, direction="outgoing")])
    run = await ask(house, since=BEGIN + timedelta(days=3), until=BEGIN + timedelta(days=9))
    assert run == RUN
    await house.look(times=5)
    assert house.numbers() == [2, 5, 3]
    facts = {(each.run, each.rule, each.backlog, each.dry_run, each.requested_by) for each in house.requests()}
    assert facts == {(RUN, "a", True, False, "anna")}
    assert await house.states() == [(RUN, "done", 3, 3)]


async def test_mail_that_comes_later_and_a_run_that_is_done_do_not_meet(house: House) -> None:
    await house.record([event(1)])
    await ask(house)
    house.clock.advance(1)
    await house.record([event(2, days=50)])
    await house.look(times=5)
    assert house.numbers() == [1]


async def test_a_rule_that_was_changed_a_moment_ago_is_waited_for(house: House) -> None:
    await house.record([event(1)])
    await ask(house, changed_at=house.clock.now() - timedelta(seconds=4))
    house.clock.advance(5)
    await house.look(times=3)
    assert house.numbers() == []
    house.clock.advance(2)
    await house.look(times=3)
    assert house.numbers() == [1]


async def test_its_own_rate_holds_it_back_and_nobody_else(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 8)])
    await ask(house, rate=2.0)
    await ask(house, number=1, rule="b")
    await house.look(times=6)
    of = [(each.rule, each.event.event_id.int) for each in house.requests()]
    assert [number for rule, number in of if rule == "b"] == [1, 2, 3, 4, 5, 6, 7]
    assert [number for rule, number in of if rule == "a"] == [1, 2]
    house.clock.advance(1)
    await house.look(times=3)
    assert [each.event.event_id.int for each in house.requests() if each.rule == "a"] == [1, 2, 3, 4]


async def test_it_ends_when_it_is_cancelled_and_what_a_rule_wants_is_not_cancelled_so(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 8)])
    await house.begin(wanted("b"))
    await ask(house)
    await house.look(wanted("b"), times=2)
    now = house.clock.now()
    assert [await cancel(house.database, run, now) for run in (RUN, RUN, "backlog-b-1", "none")] == [
        True,
        False,
        False,
        False,
    ]
    await house.look(wanted("b"), times=6)
    states = await house.states()
    assert [(run, state) for run, state, *_ in states] == [(RUN, "cancelled"), ("backlog-b-1", "done")]
    assert sum(each.rule == "a" for each in house.requests()) == states[0][2] < 7


async def test_rules_that_change_leave_it_alone_and_a_mailbox_that_is_off_holds_it(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 5)])
    await ask(house)
    house.on = []
    await house.look(wanted("b"), times=2)
    await house.look(times=2)
    assert house.numbers() == []
    house.on = [("info", "outgoing"), ("other", "incoming")]
    await house.look(times=2)
    assert house.numbers() == []
    house.on = [("info", "incoming")]
    await house.look(times=4)
    assert house.numbers() == [1, 2, 3, 4]


async def test_a_process_that_dies_in_the_middle_is_taken_over_with_the_same_bytes(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 9)])
    house.broker = broker = Dying()
    await ask(house)
    for _ in range(8):
        house.backlogs = house.process()
        try:
            await house.look()
        except asyncio.CancelledError:
            house.clock.advance(60)
    assert house.numbers() == [1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8]
    assert len(broker.distinct()) == 8
    assert (await house.states())[0][1:] == ("done", 8, 8)
