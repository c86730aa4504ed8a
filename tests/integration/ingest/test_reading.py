"""Reading a mailbox into a real ledger: outcomes, order, duplicates, dead letters, sent mail, the views."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.limits import ReadLimits
from runtime.clock import SystemClock
from runtime.errors import TargetDownError
from runtime.postgres import Database
from schemas.dead_letter import DeadLetter
from schemas.envelope import header
from schemas.mail import MailArrived, MailSent
from services.ingest.parse.mail import ParsedMail, parse_mail
from services.ingest.publisher import Relay
from services.ingest.reader import MailboxReader
from services.ingest.store import Ledger, publish_again
from tests.integration.ingest.parts import MAILBOX, Broker, desk, migrated, numbered


class Refusing(Relay):
    """What it needs is away."""

    def __init__(self, code: str) -> None:
        self._code = code

    def pending(self, _: str) -> int:
        return 0

    async def publish(self, _: str) -> int:
        raise TargetDownError("away", code=self._code)


class Watched(SystemClock):
    """Notes the waits instead of waiting; ends the task after `enough`."""

    def __init__(self, waits: list[float], enough: int) -> None:
        self._waits = waits
        self._enough = enough

    async def sleep(self, seconds: float) -> None:
        self._waits.append(seconds)
        if len(self._waits) == self._enough:
            raise asyncio.CancelledError


async def outcomes(database: Database) -> dict[str, int]:
    rows = await database.fetch("SELECT outcome, count(*) AS n FROM ingest.ledger_v1 GROUP BY 1")
    return {row["outcome"]: row["n"] for row in rows}


async def test_mail_becomes_events_in_order(database: Database) -> None:
    box, broker = FakeMailbox("info", limits=ReadLimits(batch_messages=3)), Broker()
    for number in range(8):
        box.deliver(numbered(number))
    one = desk(Ledger(await migrated(database)), broker, box)
    assert await one.reader.look() == 8
    assert await one.reader.look() == 0
    events = [MailArrived.model_validate_json(record.value or b"") for record in broker.records]
    assert [event.subject for event in events] == [f"Number {number}" for number in range(8)]
    assert {record.topic for record in broker.records} == {"mail-arrived"}
    assert [record.key.decode() for record in broker.records] == [event.record_key for event in events]
    assert header(broker.records[0].headers, "ce_id") == str(events[0].event_id)
    assert events[0].received_at == box.stored["INBOX"].messages[1].internal_date
    assert one.health.facts["mailboxes"] == {"info": {"state": "idle", "scanned_once": True, "pending": 0}}
    assert one.health.ready


async def test_every_message_has_one_outcome(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    for raw in (numbered(1), numbered(2), numbered(1).replace(b"\n", b"\r\n"), b"", None, numbered(3)):
        box.deliver(raw)
    await desk(Ledger(await migrated(database)), broker, box).reader.look()
    assert await outcomes(database) == {"event": 3, "duplicate": 1, "dead_letter": 2}
    letters = [DeadLetter.model_validate_json(r.value or b"") for r in broker.records if r.topic == "mail-arrived-dlq"]
    assert [(letter.code, letter.topic) for letter in letters] == [("mail-unreadable", "mail-arrived")] * 2
    assert letters[0].reference.startswith("imap://info/INBOX")
    rows = await database.fetch("SELECT DISTINCT primary_item, outcome FROM ingest.ledger_v1")
    assert {(row["outcome"], row["primary_item"]) for row in rows} == {
        ("event", True),
        ("duplicate", False),
        ("dead_letter", True),
    }
    assert await database.fetchval("SELECT count(*) FROM ingest.ledger_v1 WHERE published_at IS NULL") == 0


async def test_new_uids_after_a_restored_server_give_no_new_event(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    one = desk(Ledger(await migrated(database)), broker, box)
    await one.reader.look()
    box.renew("INBOX")
    await one.reader.look()
    assert len(broker.records) == 1
    assert await outcomes(database) == {"event": 1, "duplicate": 1}


async def test_a_parser_that_fails_costs_one_mail(database: Database) -> None:
    def parser(raw: bytes) -> ParsedMail:
        if b"Number 1" in raw:
            raise MemoryError
        return parse_mail(raw)

    box, broker = FakeMailbox("info"), Broker()
    for number in range(3):
        box.deliver(numbered(number))
    await desk(Ledger(await migrated(database)), broker, box, parser=parser).reader.look()
    assert Counter(record.topic for record in broker.records) == {"mail-arrived": 2, "mail-arrived-dlq": 1}


async def test_a_mail_that_the_ledger_refuses_costs_one_mail(database: Database) -> None:
    def parser(raw: bytes) -> ParsedMail:
        parsed = parse_mail(raw)
        return ParsedMail(message_id="<a\0b>") if parsed.subject == "Number 1" else parsed

    box, broker = FakeMailbox("info"), Broker()
    for number in range(5):
        box.deliver(numbered(number))
    await desk(Ledger(await migrated(database)), broker, box, parser=parser).reader.look()
    assert await outcomes(database) == {"event": 4, "dead_letter": 1}


async def test_sent_mail_names_what_it_answers(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    box.deliver(numbered(2, "In-Reply-To: <1@example.org>\nReferences: <0@x> <1@example.org>\n"), "Sent")
    one = desk(Ledger(await migrated(database)), broker, box)
    await one.reader.look()
    box.deliver(numbered(3, "References: <1@example.org> <2@example.org>\n"))
    await one.reader.look()
    arrived, sent, reply = broker.records
    first, event = (
        MailArrived.model_validate_json(arrived.value or b""),
        MailSent.model_validate_json(sent.value or b""),
    )
    assert sent.topic == "mail-sent"
    assert event.original is not None
    assert (event.original.event_id, event.original.content) == (first.event_id, first.content)
    answer = MailArrived.model_validate_json(reply.value or b"")
    assert event.conversation == first.conversation == answer.conversation
    assert (first.reply_state.answered, answer.reply_state.answered) == (False, True)


async def test_no_sent_folder_is_no_error(database: Database) -> None:
    box, broker = FakeMailbox("info", folders=("INBOX",)), Broker()
    box.deliver(numbered(1))
    assert await desk(Ledger(await migrated(database)), broker, box).reader.look() == 1


async def test_seen_again_moves_last_seen_only(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    one = desk(Ledger(await migrated(database)), broker, box)
    await one.reader.look()
    one.clock.advance(3600)
    await database.execute("DELETE FROM ingest.cursor")
    assert await one.reader.look() == 0
    row = await database.fetchrow("SELECT last_seen_at - first_seen_at AS age FROM ingest.item")
    assert row is not None
    assert row["age"].total_seconds() == 3600
    assert len(broker.records) == 1


async def test_another_process_sees_everything_again(database: Database) -> None:
    """The command line counts what a run saw by `last_seen_at`, however soon it follows the run before."""
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    first = desk(Ledger(await migrated(database)), broker, box)
    await first.reader.look()
    began = first.clock.now() + timedelta(seconds=1)
    later = desk(Ledger(database, began), broker, box)
    for _ in range(2):
        later.clock.advance(1)
        await database.execute("DELETE FROM ingest.cursor")
        await later.reader.look()
        assert await database.fetchval("SELECT last_seen_at FROM ingest.item") == began


async def test_what_the_broker_lost_is_published_again(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    one = desk(Ledger(await migrated(database)), broker, box)
    await one.reader.look()
    await publish_again(database, [await database.fetchval("SELECT event_id FROM ingest.event_v1")])
    await one.reader.look()
    assert broker.records[0] == broker.records[1]


async def test_a_mailbox_that_is_down_is_named_and_comes_back(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    box.faults.down = True
    one = desk(Ledger(await migrated(database)), broker, box)
    with pytest.raises(TargetDownError):
        await one.reader.look()
    box.faults.down = False
    assert await one.reader.look() == 1


@pytest.mark.parametrize(("code", "longest"), [("kafka-down", 5.0), ("postgres-down", 5.0), ("imap-connect", 60.0)])
async def test_our_own_servers_are_tried_again_sooner_than_a_mailbox(
    database: Database, code: str, longest: float
) -> None:
    box = FakeMailbox("info")
    one = desk(Ledger(await migrated(database)), Broker(), box)
    waits: list[float] = []
    reading = replace(one.reading, relay=Refusing(code), clock=Watched(waits, enough=9))
    with pytest.raises(asyncio.CancelledError):
        await MailboxReader(MAILBOX, box, reading).run()
    assert longest / 2 <= waits[-1] <= longest


async def test_the_event_in_the_ledger_is_what_was_published(database: Database) -> None:
    box, broker = FakeMailbox("info"), Broker()
    box.deliver(numbered(1))
    await desk(Ledger(await migrated(database)), broker, box).reader.look()
    row = await database.fetchrow("SELECT * FROM ingest.event_v1 WHERE message_id = '<1@example.org>'")
    assert row is not None
    assert (row["topic"], row["key"], row["value"]) == (
        broker.records[0].topic,
        broker.records[0].key,
        broker.records[0].value,
    )
