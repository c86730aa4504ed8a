"""One mail and one conversation over two mailboxes, on a real ledger and log: every step, in time, and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.setup import migrate_all
from cli.timeline.letters import letters_of
from cli.timeline.reading import everything, heads, mails
from cli.timeline.report import as_json, lines
from cli.timeline.steps import Step, steps_of
from connectors.mailbox.fake import FakeMailbox
from runtime.errors import InvalidInputError
from runtime.kafka import Outgoing
from runtime.memory_topics import MemoryScan, MemoryTopics
from runtime.postgres import Database
from schemas.command import RuleReference
from schemas.dead_letter import DeadLetter
from schemas.decision import Decision
from schemas.envelope import encode
from schemas.ids import retry_run, undo_run
from schemas.mail import MailArrived
from schemas.mailbox import ImapSource, Mailbox
from schemas.result import Produced
from schemas.topics import MAIL_ARRIVED, dead_letter_topic
from services.audit.store import AuditStore
from services.console.store import apply
from services.evaluator.evaluate import evaluate
from services.ingest.store import Ledger
from tests.integration.audit.test_store import entries
from tests.integration.console.test_commands import home
from tests.integration.ingest.parts import Broker, desk, numbered
from tests.unit.services.audit.samples import result
from tests.unit.services.evaluator.making import mailbox, request, rule, ruleset

__all__ = ["home"]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ENQUIRY = numbered(1)
ANSWER = numbered(2, "References: <1@example.org>\n")


class Story:
    """Support and sales got the same enquiry; its answer came to sales alone. Rule r acted in support, twice undone."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.broker = Broker()
        self.decisions: list[Decision] = []

    async def begin(self) -> "Story":
        await migrate_all(self.database)
        boxes = [
            Mailbox(id=name, source=ImapSource(kind="imap", host="h", username=name, password="P"))
            for name in ("support", "sales", "other")
        ]
        await apply(self.database, None, boxes, owner="f", author="anna")
        for box, given in zip(boxes, ([ENQUIRY], [ENQUIRY, ANSWER], [numbered(9)]), strict=True):
            fake = FakeMailbox(box.id)
            for raw in given:
                fake.deliver(raw)
            await desk(Ledger(self.database), self.broker, fake, mailbox=box).reader.look()
        return self

    async def decide(self) -> None:
        rules = ruleset([rule("r")], mailbox("support"), mailbox("sales"), mailbox("other"))
        events = [MailArrived.model_validate_json(each.value or b"") for each in self.broker.records]
        self.decisions = [evaluate(rules, each).decision for each in events]
        again = request(events[0], run="manual-7", rule="r", dry_run=True, requested_at=NOON)
        self.decisions.append(evaluate(rules, again).decision)
        await AuditStore(self.database).write(entries(*self.decisions))

    async def act(self) -> UUID:
        """Of support's enquiry: a failure, its retry, and the undo of that; a command that still waits."""
        decision = self.decisions[0]
        command = decision.commands[0].command_id
        common: dict[str, Any] = {
            "event_id": decision.event_id, "conversation": decision.conversation, "mailbox": "support",
            "rule": RuleReference(id="r", revision=1, name="r"), "action": "act", "type": "star",
            "decision_id": decision.decision_id,
        }  # fmt: skip
        made = Produced(kind="record", model="crm.lead", res_id=5, url="https://odoo.example/5")
        retried, undone = UUID(int=71), UUID(int=72)
        results = [
            result(3, command_id=command, state="failed", text="Odoo refused", attempt=3,
                   finished_at=later(5), **common),
            result(1, command_id=retried, run=retry_run(command, "live"), text="lead 5", produced=made,
                   started_at=later(60), finished_at=later(61), **common),
            result(1, command_id=undone, run=undo_run(retried), text="lead archived", undoes=retried,
                   started_at=later(90), finished_at=later(91), **common),
        ]  # fmt: skip
        await AuditStore(self.database).write(entries(*results))
        await self.database.execute(
            "INSERT INTO actions.command (command_id, type, state, attempt, next_try_at, wait_reason, generation, "
            "subject, rule_id, action_id, event_id, lane, payload, headers, accepted_at) VALUES "
            "($1, 'star', 'retry_wait', 3, $2, 'target-down', 0, 's', 'r', 'act', $3, '', '', '{}', $4)",
            command, later(3600), decision.event_id, later(4),
        )  # fmt: skip
        return command


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def told(
    database: Database, wanted: str, mailbox: str | None = None, *, conversation: bool = False
) -> list[Step]:
    rows = await everything(database, await mails(database, wanted, mailbox, conversation=conversation))
    return steps_of(rows)


@pytest.fixture
async def story(database: Database) -> Story:
    made = await Story(database).begin()
    await made.decide()
    return made


async def test_every_step_of_a_mail_is_told_in_time(story: Story) -> None:
    await story.act()
    found = await told(story.database, "1@example.org", "support")
    assert all(step.at <= after.at for step, after in pairwise(found))
    by_run: dict[str, list[str]] = {}
    for step in found:
        by_run.setdefault(step.run.partition("-")[0], []).append(step.kind)
    assert sorted(by_run["live"]) == [
        "begun", "decided", "due", "failed", "published", "received", "recorded", "taken up",
    ]  # fmt: skip
    assert (by_run["manual"], by_run["retry"], by_run["undo"]) == (
        ["decided"],
        ["begun", "succeeded"],
        ["begun", "undone"],
    )
    texts = {step.kind: step for step in found}
    assert texts["failed"].text == "star (rule r r1, action act): Odoo refused"
    assert texts["due"].text == "star (rule r, action act), retry_wait after 3 attempts: target-down"
    assert texts["succeeded"].links == {"record": "https://odoo.example/5"}
    assert "[retry]" in texts["succeeded"].text
    assert texts["undone"].text.endswith(f"[undo of {UUID(int=71)}] succeeded: lead archived")
    assert texts["recorded"].text == "read from INBOX/1/1"
    everywhere = json.dumps([step._asdict() for step in found], default=str)
    assert "Number 1" not in everywhere, "no subject"


async def test_a_conversation_is_told_over_mailboxes_that_share_a_mail_of_it(story: Story) -> None:
    enquiry = await mails(story.database, "<2@example.org>", None, conversation=False)
    assert len(enquiry) == 1
    every = await mails(story.database, "<2@example.org>", None, conversation=True)
    assert len(every) == 3, "both copies of the enquiry, and the answer"
    assert await mails(story.database, "1@example.org", None, conversation=True) == every
    assert len(await mails(story.database, "1@example.org", "sales", conversation=True)) == 2
    assert await mails(story.database, str(enquiry[0]), None, conversation=True) == every
    boxes = {step.mailbox for step in await told(story.database, "1@example.org", conversation=True)}
    assert boxes == {"support", "sales"}


async def test_what_nobody_knows_is_said(story: Story) -> None:
    with pytest.raises(InvalidInputError, match="there is no mail <x@y>"):
        await mails(story.database, "<x@y>", None, conversation=False)
    with pytest.raises(InvalidInputError, match="in mailbox other"):
        await mails(story.database, "1@example.org", "other", conversation=True)


async def test_late_facts_and_a_copy_are_steps(story: Story) -> None:
    (event,) = await mails(story.database, "1@example.org", "support", conversation=False)
    await story.database.execute(
        "INSERT INTO ingest.deferred (event_id, mailbox, subjects, recorded_at, topic, key, value, headers, "
        "answered_at, published_at) VALUES ($1, 'support', '{partner}', $2, 't', '', '', '[]', $3, $3)",
        event, later(1), later(9),
    )  # fmt: skip
    await story.database.execute(
        "INSERT INTO ingest.item (mailbox, folder, uidvalidity, uid, outcome, event_id, first_seen_at, last_seen_at) "
        "VALUES ('support', 'INBOX', '1', '44', 'duplicate', $1, $2, $2)",
        event, later(2),
    )  # fmt: skip
    found = await told(story.database, "1@example.org", "support")
    assert [(step.kind, step.text) for step in found if step.at in (later(1), later(2), later(9))] == [
        ("facts missing", "Odoo did not say in time: partner"),
        ("seen again", "at INBOX/1/44; it is the same mail"),
        ("facts came", "Odoo answered"),
        ("published", "the rest of the evaluation was asked for"),
    ]


async def test_dead_letters_of_the_mail_and_of_its_commands_are_steps_and_those_of_others_are_not(story: Story) -> None:
    command = await story.act()
    event = story.decisions[0].event_id
    topics = MemoryTopics()
    await topics.send_all([letter(f"evaluator/{n}", about) for n, about in enumerate((event, command, UUID(int=1)))])
    found = await letters_of(MemoryScan(topics, TOPICS), {event: "support"}, {command: event})
    assert [(step.kind, step.mailbox, step.event, step.text) for step in found] == [
        ("dead letter", "support", event, "mail-arrived: unreadable-record (evaluator/0)"),
        ("dead letter", "support", event, "mail-arrived: unreadable-record (evaluator/1)"),
    ]


TOPICS = (dead_letter_topic(MAIL_ARRIVED.name),)


def letter(identity: str, about: UUID) -> Outgoing:
    made = DeadLetter(
        id=identity, topic=MAIL_ARRIVED.name, code="unreadable-record", text="x", at=NOON, service="evaluator",
        headers=(("ce_id", str(about).encode()),),
    )  # fmt: skip
    return Outgoing(TOPICS[0], *encode(made, "/tests"))


async def test_it_is_printed_for_people_and_for_programs(story: Story) -> None:
    await story.act()
    events = await mails(story.database, "1@example.org", None, conversation=True)
    rows = await everything(story.database, events)
    found = heads(rows, events), steps_of(rows), ["a note"]
    document = json.loads(as_json(*found))
    assert [mail["mailbox"] for mail in document["mails"]].count("sales") == 2
    first = {step["event"]: step["seconds"] for step in reversed(document["steps"])}
    assert set(first.values()) == {None}
    assert document["notes"] == ["a note"]
    text = list(lines(*found))
    assert text[0].startswith("[1] Mail <")
    assert any(line.strip() == "record: https://odoo.example/5" for line in text)
    assert any("+29 s" in line or "+29.000 s" in line for line in text), text
    assert text[-1] == "a note"


@pytest.mark.usefixtures("home")
def test_the_command_says_what_is_missing() -> None:
    done = CliRunner().invoke(app, ["timeline", "nothing@example.org"])
    assert (done.exit_code, "there is no mail nothing@example.org" in done.output) == (2, True)
