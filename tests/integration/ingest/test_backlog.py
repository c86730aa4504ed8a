"""Backlogs on a real ledger: which mail, in which order, how fast, and what a crash or a change leaves of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.kafka import Outgoing
from runtime.postgres import Database
from schemas.evaluation import EvaluationRequested
from schemas.facts import OdooFacts
from schemas.mail import ContentReference, MailArrived, MailSent, Origin, ReplyState
from schemas.registry import Direction
from schemas.rule import Backlog
from services.ingest.backlog.rules import Wanted
from services.ingest.backlog.runs import SETTLING, Backlogs
from services.ingest.backlog.store import BacklogStore
from services.ingest.events import Event, event_record
from services.ingest.model import Feed
from services.ingest.store import Ledger
from tests.integration.ingest.parts import Broker, migrated

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ALL = Backlog(since=date(2020, 1, 1))
WEEK = Backlog(last="7d")


def event(number: int, *, days: int = 0, direction: str = "incoming") -> Event:
    """The n-th mail, received so many days after the beginning."""
    found: dict[str, Any] = {
        "event_id": UUID(int=number),
        "mailbox": "info",
        "conversation": UUID(int=1000 + number),
        "message_id": f"<{number}@example.org>",
        "sender": None,
        "subject": f"Number {number}",
        "received_at": BEGIN + timedelta(days=days),
        "recorded_at": BEGIN,
        "reply_state": ReplyState(is_reply=False, first_contact=True, answered=False),
        "content": ContentReference(uri=f"x{number}", digest="d", header_digest="h", size=1),
        "origin": Origin(kind="imap", folder="INBOX", uid=str(number)),
    }
    return (MailArrived if direction == "incoming" else MailSent).model_validate(found)


def wanted(rule: str = "a", activated: int = 1, backlog: Backlog = ALL, direction: Any = "incoming") -> Wanted:
    return Wanted(f"backlog-{rule}-{activated}", "info", rule, direction, backlog)


class House:
    """A ledger, a broker, and processes that look after backlogs."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.broker = Broker()
        self.clock = FakeClock(BEGIN + timedelta(days=100))
        self.backlogs = self.process()
        self.on: list[tuple[str, Direction]] = [("info", "incoming")]

    def process(self, rate: float = 3.0, producer: Any = None) -> Backlogs:
        return Backlogs(BacklogStore(self.database), producer or self.broker, self.clock, rate)

    async def record(self, events: Sequence[Event]) -> None:
        """As ingest does, now."""
        async with Ledger(self.database).unit("info", self.clock.now()) as unit:
            for each in events:
                feed = Feed("info", "imap", "INBOX", each.direction)
                await unit.insert_events([(each, event_record(feed, each, {}))])

    async def look(self, *rules: Wanted, times: int = 1, paused: Sequence[Wanted] = ()) -> list[float]:
        return [await self.backlogs.look(["info"], rules, paused, self.on) for _ in range(times)]

    async def begin(self, *rules: Wanted) -> None:
        """The rules come, and by now they have come everywhere."""
        assert await self.look(*rules) == [0.0]
        self.clock.advance(SETTLING.total_seconds() + 1)

    async def settle(self, *rules: Wanted) -> None:
        """Until nothing is left to do."""
        await self.look(*rules)
        self.clock.advance(SETTLING.total_seconds() + 1)
        await self.look(*rules, times=10)

    async def states(self) -> list[tuple[Any, ...]]:
        rows = await self.database.fetch("SELECT run, state, published, total FROM ingest.backlog_v1 ORDER BY run")
        return [tuple(row) for row in rows]

    def requests(self, records: Sequence[Outgoing] | None = None) -> list[EvaluationRequested]:
        found = self.broker.records if records is None else records
        assert {record.topic for record in found} <= {"evaluation-backlog"}
        return [EvaluationRequested.model_validate_json(record.value or b"") for record in found]

    def numbers(self) -> list[int]:
        return [request.event.event_id.int for request in self.requests()]


@pytest.fixture
async def house(database: Database) -> House:
    return House(await migrated(database))


async def test_the_mail_that_is_there_is_handed_over_once_the_earliest_first(house: House) -> None:
    await house.record([event(1, days=5), event(2, days=3), event(3, days=4), event(4, direction="outgoing"), event(5)])
    began = house.clock.now()
    await house.begin(wanted())
    assert await house.look(wanted(), times=3) == [1.0, pytest.approx(1 / 3), 0.0]
    assert house.numbers() == [5, 2, 3, 1]
    request = house.requests()[0]
    facts = (request.run, request.rule, request.backlog, request.dry_run, request.force, request.event)
    assert facts == ("backlog-a-1", "a", True, False, False, event(5))
    assert request.requested_at == began
    await house.settle(wanted())
    assert await house.states() == [("backlog-a-1", "done", 4, 4)]
    house.backlogs = house.process()
    await house.settle(wanted())
    assert len(house.numbers()) == 4


async def test_only_mail_since_the_beginning_and_of_the_direction(house: House) -> None:
    await house.record([event(1, days=92), event(2, days=94), event(3, days=94, direction="outgoing")])
    await house.settle(wanted("a", backlog=WEEK), wanted("b", backlog=WEEK, direction="outgoing"))
    assert sorted((request.rule, request.event.event_id.int) for request in house.requests()) == [("a", 2), ("b", 3)]


async def test_mail_that_comes_later_is_live_except_while_the_rule_may_not_be_everywhere(house: House) -> None:
    await house.record([event(1)])
    assert await house.look(wanted(), times=2) == [0.0, 0.0]
    house.clock.advance(SETTLING.total_seconds() - 1)
    await house.record([event(2, days=100)])
    house.clock.advance(3)
    await house.record([event(3, days=100)])
    await house.settle(wanted())
    assert house.numbers() == [1, 2]
    assert await house.states() == [("backlog-a-1", "done", 2, 2)]


class Dying(Broker):
    """The process dies after the broker acknowledged, before the position is moved."""

    deaths = 2

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        await super().send_all(records)
        if self.deaths:
            self.deaths -= 1
            raise asyncio.CancelledError


async def test_a_process_that_dies_between_batches_repeats_one_with_the_same_bytes(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 9)])
    house.broker = broker = Dying()
    await house.begin(wanted())
    for _ in range(6):
        house.backlogs = house.process()
        try:
            await house.look(wanted())
        except asyncio.CancelledError:
            house.clock.advance(60)
    assert house.numbers() == [1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8]
    assert len(broker.distinct()) == 8
    assert (await house.states())[0][2:] == (8, 8)


async def test_a_broker_that_is_away_loses_nothing(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 6)])
    await house.begin(wanted())
    house.broker.fail_before, house.broker.fail_after = 1, 1
    for _ in range(2):
        with pytest.raises(TargetDownError):
            await house.look(wanted())
    await house.settle(wanted())
    assert [record.key for record in house.broker.distinct()] == [event(n).record_key.encode() for n in range(1, 6)]


async def test_a_rule_that_is_switched_off_ends_it_and_on_again_begins_anew(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 6)])
    await house.begin(wanted())
    await house.look(wanted())
    await house.look()
    assert await house.states() == [("backlog-a-1", "cancelled", 3, 5)]
    await house.look(wanted(), times=2)
    assert len(house.numbers()) == 3
    await house.settle(wanted(activated=3))
    assert house.numbers()[3:] == [1, 2, 3, 4, 5]
    assert [state for _, state, *_ in await house.states()] == ["cancelled", "done"]


async def test_it_waits_while_the_mailbox_is_switched_off(house: House) -> None:
    await house.record([event(1)])
    await house.begin(wanted())
    await house.look(wanted(), paused=[wanted()], times=2)
    assert house.numbers() == []
    assert await house.states() == [("backlog-a-1", "running", 0, 1)]
    await house.look(wanted())
    assert house.numbers() == [1]


async def test_two_rules_take_turns_and_two_processes_share(house: House) -> None:
    await house.record([event(number, days=number) for number in range(1, 13)])
    rules = wanted("a"), wanted("b")
    await house.begin(*rules)
    for _ in range(4):
        await house.look(*rules)
        house.clock.advance(1)
    assert [request.rule for request in house.requests()][::3] == ["a", "b", "a", "b"]
    house.clock.advance(60)
    others = [house.process() for _ in range(3)]
    for _ in range(6):
        await asyncio.gather(*(each.look(["info"], rules, ()) for each in others))
    handed = [(request.rule, request.event.event_id.int) for request in house.requests()]
    assert sorted(handed) == sorted((rule, number) for rule in "ab" for number in range(1, 13))


async def test_what_odoo_answered_late_is_handed_on(house: House) -> None:
    await house.record([event(1)])
    late = event(1).model_copy(update={"odoo": OdooFacts(read_at=BEGIN)})
    request = EvaluationRequested(run="facts-x", event=late, deferred=("partner",), requested_at=BEGIN)
    columns = "event_id, mailbox, subjects, recorded_at, topic, key, value, headers, answered_at"
    values = "$1, 'info', '{partner}', now(), 't', 'k', $2, '[]', now()"
    insert = f"INSERT INTO ingest.deferred ({columns}) VALUES ({values})"  # noqa: S608 - both stand above
    await house.database.execute(insert, late.event_id, request.to_json())
    await house.begin(wanted())
    await house.look(wanted())
    assert house.requests()[0].event == late
