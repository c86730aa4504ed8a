"""Gaps of every kind, made on purpose on a real ledger and log: each is named with its place, and no other."""

import json
import tracemalloc
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.reconcile.app import Asked, compare
from cli.reconcile.gaps import Gap, Note
from cli.reconcile.mending import Mending
from cli.reconcile.records import Records
from cli.reconcile.servers import Servers
from cli.refused import RefusedRecords
from cli.setup import migrate_all
from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.port import MailboxConnection, Place, Position
from runtime.clock import FakeClock
from runtime.kafka import Outgoing
from runtime.memory_topics import MemoryScan, MemoryTopics
from runtime.postgres import Database
from schemas.dead_letter import DeadLetter
from schemas.envelope import encode
from schemas.mail import MailArrived
from schemas.mailbox import EmlSource, Mailbox
from schemas.topics import MAIL_ARRIVED, dead_letter_topic
from services.audit.store import AuditStore
from services.evaluator.evaluate import evaluate
from services.ingest.parse.mail import parse_mail
from services.ingest.store import Ledger
from tests.integration.audit.test_store import entries
from tests.integration.console.test_commands import apply_rules, home
from tests.integration.ingest.parts import MAILBOX, Broker, desk, numbered
from tests.unit.services.evaluator.making import mailbox, rule, ruleset

__all__ = ["home"]
DAY = datetime(2026, 1, 2, tzinfo=UTC)
EML = EmlSource(kind="eml", path="/nowhere")


class Hurried(FakeClock):
    """Nobody waits."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


@dataclass
class Found:
    """A report that keeps what it takes."""

    gaps: int = 0
    named: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, found: Gap | Note) -> None:
        if isinstance(found, Note):
            self.notes.append(found.text)
        else:
            self.gaps += 1
            self.named.append(found)

    def close(self, mended: int | None) -> None:
        raise AssertionError(f"the command closes it, not {mended}")

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(gap.kind, gap.place) for gap in self.named]


@dataclass
class House:
    """A mailbox that was read, decided and logged, a day ago."""

    database: Database
    box: FakeMailbox
    broker: Broker
    topics: MemoryTopics = field(default_factory=MemoryTopics)

    async def read(self) -> None:
        await desk(Ledger(self.database), self.broker, self.box, parser=parse_mail).reader.look()

    async def decide(self, **fields: Any) -> None:
        """As the evaluator decides what is published, and audit logs it."""
        rules = ruleset([rule("r", mailbox="info")] if fields.pop("acting", False) else [], mailbox("info"))
        arrived = [each.value or b"" for each in self.broker.distinct() if each.topic == MAIL_ARRIVED.name]
        found = [MailArrived.model_validate_json(value) for value in arrived]
        await AuditStore(self.database).write(entries(*[evaluate(rules, each).decision for each in found]))

    async def reconcile(self, *, mend: bool = False, since: datetime | None = None, box: Mailbox = MAILBOX) -> Found:
        clock, found = Hurried(DAY), Found()
        refused = RefusedRecords(lambda names: MemoryScan(self.topics, names), clock)
        servers = Servers(self.database, lambda _: self.box, clock, mend=mend)
        records = Records(self.database, refused, clock, timedelta(minutes=10))
        asked = Asked((), since, timedelta(minutes=10), mend)
        await compare([box], asked, (servers, records), Mending(self.database), found)
        return found

    async def event(self, number: int) -> UUID:
        found = await self.database.fetchval(
            "SELECT event_id FROM ingest.event WHERE message_id = $1", f"<{number}@example.org>"
        )
        assert isinstance(found, UUID)
        return found


@pytest.fixture
async def house(database: Database) -> House:
    await migrate_all(database)
    made = House(database, FakeMailbox("info", limits=ReadLimits(batch_messages=3)), Broker())
    for number in range(7):
        made.box.deliver(numbered(number))
    made.box.deliver(None)
    await made.read()
    return made


async def test_where_all_is_well_no_gap_is_found(house: House) -> None:
    await house.decide()
    found = await house.reconcile()
    assert found.named == []
    assert found.notes == [
        "INBOX: 8 listed, 0 not recorded",
        "Sent: 0 listed, 0 not recorded",
        "7 events published, 1 messages are dead letters (`maildesk dlq list`)",
    ]


async def test_what_is_on_the_server_and_not_in_the_ledger_is_named_and_read_again(house: House) -> None:
    await house.decide()
    await house.database.execute("DELETE FROM ingest.item WHERE uid = '3'")
    house.box.deliver(numbered(50))
    found = await house.reconcile(mend=True)
    assert found.kinds == [("not-recorded", "incoming INBOX/1/3"), ("not-recorded", "incoming INBOX/1/9")]
    assert [gap.text for gap in found.named] == [
        "it was passed over: what comes after it is recorded",
        "ingest has not come to it",
    ]
    assert "INBOX: mended: ingest reads it again from uid 3; reconcile again in a minute" in found.notes
    published = len(house.broker.records)
    await house.read()
    assert len(house.broker.records) == published + 1, "only the new one is an event; the known ones are known"
    await house.decide()
    assert (await house.reconcile()).named == []


async def test_what_ingest_has_not_come_to_is_not_mended_by_going_back(house: House) -> None:
    await house.decide()
    cursor = await house.database.fetchval("SELECT cursor FROM ingest.cursor")
    house.box.deliver(numbered(50))
    found = await house.reconcile(mend=True)
    assert [gap.kind for gap in found.named] == ["not-recorded"]
    assert await house.database.fetchval("SELECT cursor FROM ingest.cursor") == cursor


async def test_a_folder_with_another_uidvalidity_is_not_recorded_and_the_old_places_are_gone(house: House) -> None:
    await house.decide()
    house.box.renew("INBOX")
    found = await house.reconcile()
    assert len(found.named) == 8
    assert "INBOX: 8 recorded places are gone: moved or deleted since" in found.notes
    await house.read()
    assert (await house.reconcile()).named == []


async def test_mail_that_was_deleted_is_told_and_is_no_gap(house: House) -> None:
    await house.decide()
    del house.box.stored["INBOX"].messages[2]
    found = await house.reconcile()
    assert found.named == []
    assert "INBOX: 1 recorded places are gone: moved or deleted since" in found.notes


async def test_what_is_recorded_and_not_published_is_named(house: House) -> None:
    await house.decide()
    await house.database.execute("UPDATE ingest.event SET published_at = NULL WHERE message_id = '<2@example.org>'")
    await house.database.execute("UPDATE ingest.dead_letter SET published_at = NULL")
    found = await house.reconcile()
    assert sorted(found.kinds) == [
        ("not-published", "imap://info/INBOX;UIDVALIDITY=1/;UID=3"),
        ("not-published", "imap://info/INBOX;UIDVALIDITY=1/;UID=8"),
    ]


async def test_a_published_event_without_a_decision_is_named_and_published_again_with_the_same_bytes(
    house: House,
) -> None:
    await house.decide()
    lost = await house.event(4)
    await house.database.execute("DELETE FROM audit.decision WHERE event_id = $1", lost)
    found = await house.reconcile(mend=True)
    assert found.kinds == [("undecided", "imap://info/INBOX;UIDVALIDITY=1/;UID=5")]
    before = house.broker.distinct()
    await house.read()
    assert house.broker.distinct() == before
    assert len(house.broker.records) == len(before) + 1
    await house.decide()
    assert (await house.reconcile()).named == []


async def test_what_became_a_dead_letter_is_no_gap(house: House) -> None:
    await house.decide()
    refused = await house.event(1)
    await house.database.execute("DELETE FROM audit.decision WHERE event_id = $1", refused)
    letter = DeadLetter(
        id="evaluator/1", topic=MAIL_ARRIVED.name, code="x", text="x", at=DAY, service="evaluator",
        headers=(("ce_id", str(refused).encode()),),
    )  # fmt: skip
    key, value, headers = encode(letter, "/tests")
    await house.topics.send_all([Outgoing(dead_letter_topic(MAIL_ARRIVED.name), key, value, headers)])
    assert (await house.reconcile()).named == []


async def test_late_facts_whose_request_has_no_decision_are_named_and_asked_for_again(house: House) -> None:
    await house.decide()
    event = await house.event(0)
    await house.database.execute(
        "INSERT INTO ingest.deferred (event_id, mailbox, subjects, recorded_at, topic, key, value, headers, "
        "answered_at, published_at) VALUES ($1, 'info', '{}', $2, 't', '', '', '[]', $2, $2)",
        event,
        DAY - timedelta(hours=1),
    )
    found = await house.reconcile(mend=True)
    assert [(gap.kind, gap.run) for gap in found.named] == [("undecided", f"facts-{event}")]
    assert await house.database.fetchval("SELECT published_at FROM ingest.deferred") is None


async def test_what_was_announced_and_never_taken_up_is_named_and_its_event_published_again(house: House) -> None:
    await house.decide(acting=True)
    await house.database.execute("UPDATE audit.expected SET expected_at = $1", DAY - timedelta(hours=1))
    found = await house.reconcile(mend=True)
    assert [gap.kind for gap in found.named] == ["not-taken-up"] * 7
    assert await house.database.fetchval("SELECT count(*) FROM ingest.event WHERE published_at IS NULL") == 7
    await house.read()
    assert (await house.reconcile(since=DAY)).named == found.named, "open work is named whenever its mail came"


async def test_a_command_that_nobody_does_and_a_result_that_nobody_logged_are_told_apart(house: House) -> None:
    await house.decide(acting=True)
    ago = DAY - timedelta(hours=1)
    await house.database.execute("UPDATE audit.expected SET expected_at = $1", ago)
    rows = await house.database.fetch("SELECT command_id, event_id FROM audit.expected ORDER BY command_id")
    states = ("pending", "retry_wait", "succeeded", "failed", "running")
    due = (ago, DAY + timedelta(hours=1), ago, ago, ago)
    for row, state, moment in zip(rows, states, due, strict=False):
        await house.database.execute(
            "INSERT INTO actions.command (command_id, type, state, next_try_at, lease_until, generation, subject, "
            "rule_id, action_id, event_id, lane, payload, headers, updated_at) "
            "VALUES ($1, 'star', $2, $3, $3, 0, 's', 'r', 'act', $4, '', '', '{}', $3)",
            row["command_id"], state, moment, row["event_id"],
        )  # fmt: skip
        await house.database.execute(
            "INSERT INTO actions.outbox (topic, key, value, headers, command_id, published_at) "
            "VALUES ('t', '', '', '[]', $1, $2)",
            row["command_id"], ago,
        )  # fmt: skip
    found = await house.reconcile(mend=True)
    kinds = {gap.command: gap.kind for gap in found.named}
    assert [kinds.get(row["command_id"]) for row in rows] == [
        "overdue", None, "not-logged", "not-logged", "overdue", "not-taken-up", "not-taken-up",
    ]  # fmt: skip
    assert "1 commands wait or are under way (`maildesk log --state retry_wait`)" in found.notes
    again = await house.database.fetch("SELECT command_id FROM actions.outbox WHERE published_at IS NULL")
    assert {row["command_id"] for row in again} == {rows[2]["command_id"], rows[3]["command_id"]}


async def test_what_is_younger_than_the_grace_is_on_its_way(house: House) -> None:
    await house.database.execute("UPDATE ingest.event SET published_at = $1", DAY - timedelta(seconds=590))
    assert (await house.reconcile()).named == []


async def test_a_mailbox_that_cannot_be_listed_is_one_gap_and_one_that_is_off_is_told(house: House) -> None:
    await house.decide()
    house.box.faults.down = True
    found = await house.reconcile(box=MAILBOX.model_copy(update={"automation": False}))
    assert [(gap.kind, gap.text) for gap in found.named] == [("unreadable", "mailbox info is down")]
    assert found.notes[0] == "automation switched off: its mail is recorded and decided, not acted on"
    assert found.notes[1].startswith("7 events published"), "the other leg goes on"


async def test_since_spares_older_mail_on_both_legs(house: House) -> None:
    await house.database.execute("DELETE FROM ingest.item")
    found = await house.reconcile(since=DAY + timedelta(days=1))
    assert found.named == []
    assert found.notes[0] == "INBOX: 0 listed, 0 not recorded"


def reconciled(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["reconcile", *arguments])


def test_the_command_names_each_gap_and_ends_with_1_and_with_0_where_there_is_none(home: Path) -> None:
    folder = home / "mail"
    folder.mkdir()
    boxes = f"mailboxes:\n  - {{id: files, source: {{kind: eml, path: {folder}}}}}\n"
    assert apply_rules(home, boxes + "rules: []\n").exit_code == 0
    assert reconciled().exit_code == 0
    (folder / "one.eml").write_bytes(numbered(1))
    said = reconciled("files")
    assert said.exit_code == 1
    assert "not-recorded  files  incoming INBOX/one.eml;" in said.stdout
    assert "1 gaps." in said.stdout
    found = json.loads(reconciled("--json").stdout)
    assert (found["gaps"], [each["kind"] for each in found["found"]][:1]) == (1, ["not-recorded"])
    assert reconciled("nowhere").exit_code == 2
    (folder / "one.eml").unlink()
    (empty,) = [json.loads(reconciled("--json").stdout)]
    assert (empty["gaps"], empty["mended"]) == (0, 0)


class Endless:
    """A folder of 100,000 messages that nobody has recorded."""

    async def places(self, folder: str, since: date | None = None) -> Any:
        assert since is None
        for start in range(0, 100_000, 500):
            yield [Place(Position(folder, "1", str(uid)), f"1:{uid - 1}") for uid in range(start, start + 500)]

    async def close(self) -> None:
        """Nothing to release."""


@pytest.mark.soak
async def test_a_hundred_thousand_messages_are_compared_in_bounded_memory(database: Database) -> None:
    await migrate_all(database)
    servers = Servers(database, lambda _: cast("MailboxConnection", Endless()), Hurried(DAY))
    tracemalloc.start()
    found = 0
    async for each in servers.compare(MAILBOX.model_copy(update={"source": EML}), None):
        found += isinstance(each, Gap)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 100_000
    assert peak < 40 * 1024 * 1024
