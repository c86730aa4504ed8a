"""An address is forgotten by every service, on a real Postgres: nothing of it is found in any table of any of them."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from uuid import UUID

import pytest
import typer
from typer.testing import CliRunner

from cli.erase.app import erase
from cli.erase.counting import count
from cli.erase.status import status_of
from cli.replay.carrying_out import with_late_facts
from cli.setup import migrate_all
from connectors.mailbox.fake import FakeMailbox
from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import PermanentError, TransientError
from runtime.kafka import Outgoing, Received
from runtime.postgres import Database
from schemas.command import ActionCommand
from schemas.erasure import ErasureKey
from schemas.mail import MailArrived
from schemas.redaction import event_without_content
from schemas.registry import MailboxRegistry
from schemas.result import ExecutionResult
from schemas.rule import Rule, RuleChanged
from schemas.scope import hashed
from schemas.topics import AUTOMATION_RESULTS
from services.actions.circuit import Circuits
from services.actions.engine import Engine
from services.actions.erasing.erasures import Erasures as ActionsErasures
from services.actions.executor import Executor
from services.actions.policy import Policy
from services.actions.replies.caps import Caps
from services.actions.store import PostgresStore
from services.audit.erasing.erasures import Erasures as AuditErasures
from services.audit.store import AuditStore
from services.console.erasures import ask, publish_erasures
from services.evaluator.evaluate import evaluate
from services.evaluator.ruleset import build_ruleset, compile_rule
from services.ingest.erasing.erasures import Erasures
from services.ingest.erasing.following import Following
from services.ingest.store import Ledger
from tests.integration.audit.test_store import entries
from tests.integration.cli.mortal import DeathError, MortalDatabase
from tests.integration.ingest.parts import MAILBOX, Broker, desk
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import arrival, publish, standing

KEY = ErasureKey("k" * 40)
SECRET = "MAILDESK_SECRET_ERASURE_KEY"
EVE, BOB = "eve@person.example", "bob@other.example"
SUBJECT, EXCERPT = "Zebra crossing 4711", "the hummingbird sings at midnight"
OF_EVE = (EVE, "eve.of.hers", SUBJECT, EXCERPT, "Eve Adams")
RECEIVED = datetime(2026, 11, 2, 9, tzinfo=UTC)
ASKED = RECEIVED + timedelta(days=1)
RULE = Rule.model_validate(
    {
        "id": "r1",
        "mailbox": "info",
        "when": {"type": "subject", "contains": ["zebra", "giraffe"]},
        "actions": [
            {"id": "tag", "type": "tag", "add": ["X"]},
            {"id": "tag2", "type": "tag", "add": ["Y"], "scope": {"every": "1d", "per": "sender"}},
        ],
    }
)


def of_eve(number: int) -> bytes:
    return (
        f"Message-ID: <eve.of.hers.{number}@person.example>\nFrom: Eve Adams <{EVE.upper()}>\nTo: info@firma.example\n"
        f"Subject: {SUBJECT} {number}\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\n{EXCERPT} {number}\n"
    ).encode()


def of_bob(number: int, to: str = "info@firma.example") -> bytes:
    return (
        f"Message-ID: <{number}@other.example>\nFrom: {BOB}\nTo: {to}\nSubject: Giraffe {number}\n"
        f"Date: Mon, 2 Nov 2026 10:00:00 +0100\n\nText {number}\n"
    ).encode()


class House:
    """All services in one process, without Kafka: what they publish is handed on by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.box, self.broker = FakeMailbox("info"), Broker()
        self.reader = desk(Ledger(database, key=KEY), self.broker, self.box).reader
        self.store, self.effect = PostgresStore(database), FakeEffect()
        registry = MailboxRegistry()
        publish(registry, MAILBOX)
        clock, policy = FakeClock(), Policy()
        executor = Executor(
            self.effect, policy, Circuits(clock, Backoff(first=10.0)), standing(registry, policy), clock
        )
        self.engine = Engine(self.effect, policy, self.store, executor, clock, asyncio.Event())
        self.audit = AuditStore(database)
        self.topic: list[Received] = []

    async def read(self, *raws: bytes, at: datetime = RECEIVED) -> list[MailArrived]:
        """Ingest reads these mails; returns their events as they were published."""
        before = len(self.broker.records)
        for raw in raws:
            self.box.deliver(raw, internal_date=at)
        await self.reader.look()
        found = self.broker.records[before:]
        return [MailArrived.model_validate_json(r.value or b"") for r in found if r.topic == "mail-arrived"]

    async def decide(self, events: Sequence[MailArrived]) -> list[ActionCommand]:
        """The evaluator decides, audit logs it."""
        ruleset = build_ruleset(1, [MAILBOX], [compile_rule(RuleChanged(version=1, revision=1, rule=RULE))])
        found = [evaluate(ruleset, event) for event in events]
        await self.audit.write(entries(*[each.decision for each in found]))
        return [command for each in found for command in each.commands]

    async def accept(self, commands: Sequence[ActionCommand]) -> list[UUID]:
        """Actions writes the commands down."""
        return await self.engine.accept([arrival(each) for each in commands])

    async def act(self, ids: Sequence[UUID]) -> list[ActionCommand]:
        """Actions carries them out; audit logs the results. Returns the commands that follow."""
        await self.engine.process(ids)
        async with self.store.unit() as unit:
            rows = await unit.take_outbox(500)
            await unit.mark_outbox([number for number, _ in rows])
        results = [w.value for _, w in rows if w.topic == AUTOMATION_RESULTS.name]
        await self.audit.write(entries(*map(ExecutionResult.model_validate_json, results)))
        return [ActionCommand.model_validate_json(w.value) for _, w in rows if w.topic == "actions-tag"]

    def tell(self, records: Sequence[Outgoing]) -> None:
        """These are on `automation-rules` now."""
        self.topic += [Received(r.topic, 0, 0, r.key, r.value, tuple(r.headers), 0) for r in records]

    async def forget(self, database: Database | None = None, page: int = 2) -> None:
        """Each service as a process that has just begun, to its end or its death."""
        database = database or self.database
        broker = Broker()
        await publish_erasures(database, broker)
        self.tell(broker.records)
        following = Following(Erasures(database, KEY, page), broker)
        following.take(self.topic)
        told = len(broker.records)
        try:
            while await following.once():
                pass
        finally:
            self.tell(broker.records[told:])
        for service in (ActionsErasures(database, page), AuditErasures(database)):
            service.take(self.topic)
            while await service.step():
                pass


@pytest.fixture
async def house(database: Database) -> House:
    await migrate_all(database)
    return House(database)


async def traces(database: Database, needles: Sequence[str] = OF_EVE) -> dict[str, list[str]]:
    """What is found of it, by table."""
    tables = await database.fetch(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
        "WHERE schemaname IN ('ingest', 'actions', 'audit', 'console')"
    )
    found = {}
    for table in tables:
        rows = await database.fetch(f"SELECT * FROM {table['name']}")  # noqa: S608 - a name of ours
        texts = [
            (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).lower()
            for row in rows
            for value in row.values()
        ]
        if here := [needle for needle in needles if any(needle.lower() in text for text in texts)]:
            found[table["name"]] = here
    return found


async def lived_in(house: House) -> list[ActionCommand]:
    """Some done, some failed, some on their way, some only decided; returns the last."""
    events = await house.read(*map(of_eve, range(5)), of_bob(1), of_bob(2, f"info@firma.example, {EVE}"), of_bob(3))
    commands = await house.decide(events)
    assert len(commands) == 8
    house.effect.answers[events[1].event_id] = PermanentError(f"refused: {EVE}: {SUBJECT}", code="no")
    following = await house.act(await house.accept([*commands[:3], *commands[5:]]))
    await house.act(await house.accept(following[1:]))
    await house.accept(following[:1])
    house.effect.answers[events[3].event_id] = TransientError("later", code="later")
    await house.engine.process(await house.accept(commands[3:4]))
    return [*following[:1], *commands[3:5]]


async def asked(house: House, at: datetime = ASKED) -> None:
    await ask(house.database, KEY.digest(EVE), KEY.check, "anna", at)


async def test_nothing_is_found_wherever_its_process_dies(house: House) -> None:
    left = await lived_in(house)
    there = await traces(house.database)
    assert {"ingest.event", "ingest.contact", "ingest.reference", "actions.command", "actions.outbox"} <= there.keys()
    assert any(name.startswith("audit.decision") for name in there)
    assert "actions.claim" not in {name for name, found in there.items() if EVE in found}
    would = await count(house.database, KEY, EVE)
    assert (would["ingest.event"], would["audit.decision"]) == (6, 6)
    assert min(would["actions.command"], would["audit.execution"]) > 5
    claims = await house.database.fetch("SELECT subject, command_id, succeeded_at FROM actions.claim ORDER BY 1, 2")
    done = house.effect.done()
    await asked(house)
    deaths = 0
    for statements in range(1, 400):
        try:
            await house.forget(MortalDatabase(house.database, statements))
        except DeathError:
            deaths += 1
        else:
            break
    assert deaths > 5
    assert await traces(house.database) == {}
    again = await house.database.fetch("SELECT subject, command_id, succeeded_at FROM actions.claim ORDER BY 1, 2")
    assert again == claims
    assert await traces(house.database, [BOB]) != {}
    found = await status_of(house.database, KEY.digest(EVE))
    assert (found["done"], found["events"]) == (True, 6)
    rows = {name: service["rows"] for name, service in found["services"].items()}
    assert rows["ingest"]["event"] == 6
    assert rows["audit"] == {"decision": 6, "execution": would["audit.execution"]}
    assert rows["actions"]["command"] == would["actions.command"]

    # What is left of it in Kafka comes late: accepted, it ends skipped; nothing is carried out.
    ids = [row["command_id"] for row in await house.database.fetch("SELECT command_id FROM actions.command")]
    await house.database.execute("UPDATE actions.command SET next_try_at = now() WHERE state = 'retry_wait'")
    await house.act([*ids, *await house.accept(left)])
    await house.forget()
    assert house.effect.done() == done
    assert {row["state"] for row in await house.database.fetch("SELECT state FROM actions.command_v1")} == {
        "succeeded",
        "failed",
        "skipped",
    }
    assert await traces(house.database) == {}


async def test_what_is_being_carried_out_is_emptied_once_it_has_ended(house: House) -> None:
    ids = await house.accept(await house.decide(await house.read(*map(of_eve, range(3)))))
    await house.database.execute(
        "UPDATE actions.command SET state = 'sending', lease_until = now() + interval '1 hour' WHERE command_id = $1",
        ids[2],
    )

    async def erased_meanwhile() -> None:
        await asked(house)
        await house.forget()

    house.effect.before = erased_meanwhile
    following = await house.act(ids[:1])
    house.effect.before = None
    assert not (await status_of(house.database, KEY.digest(EVE)))["done"], "one may still be sent"
    await house.database.execute("UPDATE actions.command SET lease_until = now() WHERE state = 'sending'")
    ended = await house.act(ids)
    assert [command.skip for command in ended] == ["erased", "erased"]
    await house.act(await house.accept([*following, *ended]))
    await house.forget()
    assert (await status_of(house.database, KEY.digest(EVE)))["done"]
    assert len(house.effect.done()) == 1
    rows = await house.database.fetch("SELECT state, reason FROM audit.execution_log_v1 WHERE action_id = 'tag'")
    assert {tuple(row.values()) for row in rows} == {
        ("succeeded", ""),
        ("skipped", "erased"),
        ("failed", "outcome-unknown"),
    }
    assert await traces(house.database) == {}


async def test_keys_made_with_addresses_become_those_made_with_hashes(database: Database) -> None:
    files = sorted(resources.files("services.actions").joinpath("migrations").iterdir(), key=lambda file: file.name)
    old, (new,) = files[:5], files[5:6]
    await database.execute("CREATE SCHEMA actions")
    for file in old:
        await database.execute(file.read_text())
    keys = (
        f"info/sender:{EVE}:86400:9",
        "info/sender:no address: 7:86400:9",
        "info/sender::60:9",
        f"thread:{UUID(int=1)}",
    )
    for key in keys:
        await database.execute("INSERT INTO actions.claim VALUES ($1, 'r', 'a', 0, $2)", key, UUID(int=1))
    await database.execute("INSERT INTO actions.reply_count VALUES ($1, 600, 1, 1, 1)", f"sender:info:{EVE}")
    await database.execute("INSERT INTO actions.reply_count VALUES ('mailbox:info', 600, 1, 1, 1)")
    await database.execute(new.read_text())
    found = {row["subject"] for row in await database.fetch("SELECT subject FROM actions.claim")}
    assert found == {
        f"info/sender:{hashed(EVE)}:86400:9",
        f"info/sender:{hashed('no address: 7')}:86400:9",
        *keys[2:],
    }
    counted = {row["subject"] for row in await database.fetch("SELECT subject FROM actions.reply_count")}
    assert counted == {"mailbox:info", *(cap.subject for cap in Caps().of("info", EVE) if "sender" in cap.subject)}


async def test_twice_is_once(house: House) -> None:
    await lived_in(house)
    await asked(house)
    await house.forget()
    first = await status_of(house.database, KEY.digest(EVE))
    await house.forget()
    assert await status_of(house.database, KEY.digest(EVE)) == first
    await asked(house, ASKED + timedelta(hours=1))
    assert not (await status_of(house.database, KEY.digest(EVE)))["done"]
    await house.forget()
    second = await status_of(house.database, KEY.digest(EVE))
    assert {**second, "requested_at": ""} == {**first, "requested_at": ""}


async def test_mail_that_is_read_late_has_no_content_and_a_new_letter_is_a_new_contact(house: House) -> None:
    (early,) = await house.read(of_eve(1))
    await asked(house)
    await house.forget()
    assert await house.read(of_eve(1)) == [], "it is known"
    (late,) = await house.read(of_eve(2))
    assert late == event_without_content(late)
    assert late.defects == ("erased",)
    assert await traces(house.database) == {}
    assert await house.decide([early, late]) != []
    assert await traces(house.database) == {}, "what the log hears of it late has no content either"
    assert await with_late_facts(house.database, [early, late]) == []
    (fresh,) = await house.read(of_eve(3), at=ASKED + timedelta(minutes=1))
    assert fresh.sender is not None
    assert (fresh.sender.address.lower(), fresh.reply_state.first_contact) == (EVE, True)
    assert await with_late_facts(house.database, [early, late, fresh]) == [fresh]
    await house.forget()
    assert (await status_of(house.database, KEY.digest(EVE)))["events"] == 2


async def test_without_the_key_no_mail_is_recorded_that_nobody_can_judge(house: House) -> None:
    await asked(house)
    await house.forget()
    for key in (None, ErasureKey("l" * 40)):
        keyless = desk(Ledger(house.database, key=key), house.broker, house.box).reader
        house.box.deliver(of_eve(7), internal_date=RECEIVED)
        with pytest.raises(TransientError, match="ERASURE_KEY"):
            await keyless.look()
    assert await house.database.fetchval("SELECT count(*) FROM ingest.event") == 0


def test_the_command_asks_once_and_tells(database_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    app.command()(erase)

    def ran(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(arguments))
        return done.exit_code, done.output

    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", database_dsn)
    monkeypatch.setenv("MAILDESK_STATE_DIR", "/nonexistent")
    assert "ERASURE_KEY" in ran("--address", EVE)[1]
    monkeypatch.setenv(SECRET, "short")
    assert "at least 32" in ran("--address", EVE)[1]
    monkeypatch.setenv(SECRET, "k" * 40)
    assert ran("--address", "eve")[0] == 2
    assert ran("--address", EVE, "--status")[0] == 2
    code, text = ran("--address", EVE, "--dry-run", "--json")
    assert (code, json.loads(text)["rows"]["ingest.event"]) == (0, 0)
    code, text = ran("--address", EVE, "--json")
    found = json.loads(text)
    assert (code, found["published"], found["done"]) == (0, False, False)
    assert "the broker cannot be reached" in ran("--address", EVE)[1]
    assert ran("--address", EVE, "--status")[0] == 3
