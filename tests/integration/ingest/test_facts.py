"""Facts are frozen in the ledger; what Odoo did not give in time is asked for later, exactly once, over any crash."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.odoo.port import Odoo
from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.health import Health
from runtime.kafka import Outgoing
from runtime.postgres import Database
from schemas.evaluation import EvaluationRequested
from schemas.facts import Scalar
from schemas.mail import MAX_EVENT_BYTES, MailArrived
from schemas.needs import Need
from services.ingest.asked import Asked
from services.ingest.catch_up import CatchUp
from services.ingest.facts import FactReader
from services.ingest.gate import Gate
from services.ingest.model import Pending
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger
from services.ingest.waiting import Waiter, Waiting
from tests.integration.ingest.parts import Broker, CrashError, CrashingLedger, desk, migrated, numbered
from tests.integration.ingest.test_crashes import STEPS
from tests.unit.connectors.odoo.office import Office

ASKED = Asked(
    Need(on="partner", model="res.partner", paths=("email", "name")),
    (Need(on="record", model="crm.lead", paths=("name",)),),
)
DOWN = TargetDownError("Odoo cannot be reached", code="odoo-down")
LATER_STEPS = (
    "before asking",
    "before freezing",
    "after freezing",
    "before publishing",
    "before the mark",
    "after the mark",
)


def facts(odoo: Odoo | None, asked: Asked = ASKED, clock: FakeClock | None = None) -> FactReader:
    clock = clock or FakeClock()
    return FactReader(odoo, lambda _mailbox, _direction: asked, Gate(clock, Backoff(first=1.0)), clock, 2.0)


class CrashingWaiting(Waiting):
    """Dies at a named step, once."""

    def __init__(self, database: Database, crash_at: str = "") -> None:
        super().__init__(database)
        self.crash_at = crash_at

    def crash(self, step: str) -> None:
        if self.crash_at == step:
            self.crash_at = ""
            raise CrashError(step)

    async def next(self, mailboxes: Sequence[str], limit: int) -> list[Waiter]:
        self.crash("before asking")
        return await super().next(mailboxes, limit)

    async def answer(self, requests: Sequence[tuple[UUID, Outgoing]], now: datetime) -> None:
        self.crash("before freezing")
        await super().answer(requests, now)
        self.crash("after freezing")

    async def unpublished(self, mailboxes: Sequence[str], limit: int) -> list[Pending]:
        found = await super().unpublished(mailboxes, limit)
        if found:
            self.crash("before publishing")
        return found

    async def mark_published(self, events: Sequence[UUID], now: datetime) -> None:
        self.crash("before the mark")
        await super().mark_published(events, now)
        self.crash("after the mark")


@dataclass
class Later:
    """The process that catches up, and what it says of itself."""

    broker: Broker
    health: Health = field(default_factory=Health)

    async def look(self, waiting: Waiting, reader: FactReader) -> int:
        clock = FakeClock()
        live = Gate(clock, Backoff())
        return await CatchUp(waiting, reader, live, self.broker, StatusBoard(self.health), clock).look(["info"])

    @property
    def waiting(self) -> int:
        counts: dict[str, int] = self.health.facts["odoo"]["waiting"]
        return counts.get("info", 0)


def arrived(broker: Broker) -> list[MailArrived]:
    return [MailArrived.model_validate_json(r.value or b"") for r in broker.distinct() if r.topic == "mail-arrived"]


def requested(broker: Broker) -> list[EvaluationRequested]:
    found = [r for r in broker.distinct() if r.topic == "evaluation-requested"]
    return [EvaluationRequested.model_validate_json(record.value or b"") for record in found]


def full_box(count: int = 6) -> FakeMailbox:
    box = FakeMailbox("info")
    for number in range(count):
        box.deliver(numbered(number))
    return box


async def office_with(count: int = 6) -> Office:
    office = Office()
    for number in range(count):
        await office.partner(f"a{number}@example.org")
    return office


async def down(database: Database, broker: Broker, count: int = 6) -> Ledger:
    """A ledger whose mails all wait for their facts."""
    ledger = Ledger(await migrated(database))
    await desk(ledger, broker, full_box(count), facts=facts(None)).reader.look()
    return ledger


async def test_facts_travel_with_the_event(database: Database) -> None:
    office, broker = await office_with(2), Broker()
    await desk(Ledger(await migrated(database)), broker, full_box(3), facts=facts(office.odoo)).reader.look()
    partners = [event.odoo.partner for event in arrived(broker) if event.odoo and event.odoo.partner]
    assert [one.fields.get("email") for one in partners] == [
        Scalar(type="char", value="a0@example.org"),
        Scalar(type="char", value="a1@example.org"),
        None,
    ]
    assert partners[2].id == 0
    assert await database.fetchval("SELECT count(*) FROM ingest.deferred") == 0


async def test_a_mailbox_whose_rules_need_nothing_never_talks_to_odoo(database: Database) -> None:
    office, broker = await office_with(), Broker()
    reader = facts(office.odoo, Asked())
    office.line.calls.clear()
    await desk(Ledger(await migrated(database)), broker, full_box(), facts=reader).reader.look()
    await Later(broker).look(Waiting(database), reader)
    assert office.line.calls == []
    assert all(event.odoo is None for event in arrived(broker))


async def test_a_repeat_publishes_what_was_frozen(database: Database) -> None:
    office, broker = await office_with(), Broker()
    ledger = CrashingLedger(await migrated(database), "before the mark")
    with pytest.raises(CrashError):
        await desk(ledger, broker, full_box(), facts=facts(office.odoo)).reader.look()
    await office.odoo.call("res.partner", "write", [[5], {"name": "renamed"}])
    await desk(ledger, broker, full_box(), facts=facts(office.odoo)).reader.look()
    assert len(broker.records) == 12
    assert len(broker.distinct()) == 6


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_while_odoo_is_away(database: Database, step: str) -> None:
    box, broker = full_box(), Broker()
    ledger = CrashingLedger(await migrated(database), step)
    with pytest.raises(CrashError):
        await desk(ledger, broker, box, facts=facts(None)).reader.look()
    await desk(ledger, broker, box, facts=facts((await office_with()).odoo)).reader.look()
    events = arrived(broker)
    assert len(events) == 6
    waiting = {event.event_id for event in events if event.odoo and event.odoo.missing}
    rows = await database.fetch("SELECT event_id FROM ingest.deferred")
    assert {row["event_id"] for row in rows} == waiting


@pytest.mark.parametrize("step", LATER_STEPS)
async def test_a_crash_while_catching_up(database: Database, step: str) -> None:
    broker, office = Broker(), await office_with()
    await down(database, broker)
    later = Later(broker)
    with pytest.raises(CrashError):
        await later.look(CrashingWaiting(database, step), facts(office.odoo))
    await office.odoo.call("res.partner", "write", [[5], {"name": "renamed"}])
    for _ in range(2):
        await later.look(Waiting(database), facts(office.odoo))
    requests = requested(broker)
    assert len(requests) == 6
    assert [r.event.event_id for r in requests] == [event.event_id for event in arrived(broker)]
    assert later.waiting == 0


async def test_what_a_request_says(database: Database) -> None:
    broker, office, later = Broker(), await office_with(), Later(Broker())
    await down(database, broker, 1)
    await later.look(Waiting(database), facts(office.odoo))
    (event,), (request,) = arrived(broker), requested(later.broker)
    assert event.odoo is not None
    assert event.odoo.missing == ("partner", "record")
    assert request.run == f"facts-{event.event_id}"
    assert request.deferred == ("partner", "record")
    assert request.event.odoo is not None
    assert request.event.odoo.missing == ()
    assert request.event.odoo.partner is not None
    assert request.event.odoo.partner.fields["name"] == Scalar(type="char", value="a0")
    assert request.event.model_copy(update={"odoo": event.odoo}) == event
    assert later.broker.records[0].key == event.record_key.encode()


@pytest.mark.parametrize("fault", ["fail_before", "fail_after"])
async def test_a_broker_that_goes_away(database: Database, fault: str) -> None:
    broker, office = Broker(), await office_with()
    await down(database, broker)
    setattr(broker, fault, 2)
    later = Later(broker)
    for _ in range(2):
        with pytest.raises(TargetDownError):
            await later.look(Waiting(database), facts(office.odoo))
    assert await later.look(Waiting(database), facts(office.odoo)) == 6
    assert len(requested(broker)) == 6


async def test_two_processes_ask_once(database: Database) -> None:
    broker, office = Broker(), await office_with(40)
    await down(database, broker, 40)
    await asyncio.gather(*(Later(broker).look(Waiting(database), facts(office.odoo)) for _ in range(3)))
    assert len(requested(broker)) == 40
    assert await Later(broker).look(Waiting(database), facts(office.odoo)) == 0


async def test_an_odoo_that_stays_away_is_asked_less_and_less(database: Database) -> None:
    broker, office, clock = Broker(), await office_with(), FakeClock()
    await down(database, broker)
    office.line.fail = DOWN
    office.line.calls.clear()
    reader, later = facts(office.odoo, clock=clock), Later(broker)
    for _ in range(60):
        assert await later.look(Waiting(database), reader) == 0
        clock.advance(1.0)
    assert later.waiting == 6
    assert later.health.facts["odoo"]["state"] == "away"
    assert 3 <= len(office.line.calls) <= 24  # two calls a try
    office.line.fail = None
    clock.advance(120.0)
    for _ in range(8):
        await later.look(Waiting(database), reader)
    assert len(requested(broker)) == 6
    assert later.health.facts["odoo"] == {"state": "answers", "waiting": {}}


async def test_an_event_is_not_asked_for_before_it_is_published(database: Database) -> None:
    broker, office = Broker(), await office_with()
    ledger = CrashingLedger(await migrated(database), "before publishing")
    with pytest.raises(CrashError):
        await desk(ledger, broker, full_box(), facts=facts(None)).reader.look()
    later = Later(broker)
    assert await later.look(Waiting(database), facts(office.odoo)) == 0
    assert later.waiting == 6


async def test_facts_that_are_too_large_are_dropped_and_not_waited_for(database: Database) -> None:
    office, broker = Office(), Broker()
    for number in range(6):
        await office.partner(f"a{number}@example.org", phone="x" * 30_000, parent_id=number + 4 if number else 1)
    paths = ("name", *(f"{'parent_id.' * depth}phone" for depth in range(6)))
    asked = Asked(Need(on="partner", model="res.partner", paths=tuple(sorted(paths))))
    await desk(Ledger(await migrated(database)), broker, full_box(), facts=facts(office.odoo, asked)).reader.look()
    events = arrived(broker)
    assert all(len(event.to_json()) <= MAX_EVENT_BYTES for event in events)
    assert all(event.odoo is not None and event.odoo.missing == () for event in events)
    dropped = [event for event in events if "event-cut: odoo partner" in event.defects]
    assert 0 < len(dropped) < 6
    assert all(event.odoo is not None and event.odoo.partner is None for event in dropped)


async def test_a_mail_that_the_ledger_has_is_not_asked_about_again(database: Database) -> None:
    office, broker = await office_with(), Broker()
    ledger = Ledger(await migrated(database))
    await desk(ledger, broker, full_box(), facts=facts(office.odoo)).reader.look()
    await database.execute("TRUNCATE ingest.item, ingest.cursor")
    office.line.calls.clear()
    await desk(ledger, broker, full_box(), facts=facts(office.odoo)).reader.look()
    assert office.line.calls == []
    assert len(broker.records) == 6


async def test_rules_that_need_nothing_any_more_end_the_waiting_without_odoo(database: Database) -> None:
    broker = Broker()
    await down(database, broker)
    later = Later(broker)
    assert await later.look(Waiting(database), facts(None)) == 0
    assert later.health.facts["odoo"] == {"state": "not configured", "waiting": {"info": 6}}
    assert await later.look(Waiting(database), facts(None, Asked())) == 6
    assert all(request.event.odoo and request.event.odoo.missing == () for request in requested(broker))


async def test_a_mail_that_always_takes_too_long_holds_up_no_other(database: Database) -> None:
    broker, office, clock = Broker(), await office_with(), FakeClock()
    await down(database, broker)
    reader, later = facts(office.odoo, clock=clock), Later(broker)
    slow = "a0@example.org"

    def heavy(model: str, _method: str, answer: object) -> object:
        if model == "res.partner" and slow in str(answer):
            raise DOWN
        return answer

    office.line.twist = heavy
    for _ in range(40):
        await later.look(Waiting(database), reader)
        clock.advance(120.0)
    assert {request.event.subject for request in requested(broker)} == {f"Number {n}" for n in range(1, 6)}
    assert later.waiting == 1


async def test_an_event_that_cannot_be_read_holds_up_no_other(database: Database) -> None:
    broker, office = Broker(), await office_with()
    await down(database, broker)
    await database.execute("UPDATE ingest.event SET value = '{}' WHERE seq = 1")
    later = Later(broker)
    for _ in range(3):
        await later.look(Waiting(database), facts(office.odoo))
    assert len(requested(broker)) == 5
    assert later.waiting == 1
