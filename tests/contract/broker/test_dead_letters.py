"""`maildesk dlq` and `maildesk retry` as people run them, on both brokers."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from runtime.kafka import Outgoing, Producer, Received
from runtime.kafka_scan import TopicScan
from schemas.command import ActionCommand
from tests.contract.broker.conftest import Rig
from tests.unit.cli.dlq.dead import letter_of
from tests.unit.services.actions.making import MOVE, STAR, TAG, command, mail

SECRET = "a sentence that only the mail has"


@pytest.fixture(autouse=True)
def _on_the_rig(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", rig.bootstrap)


def maildesk(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def told(*arguments: str, code: int = 0) -> Any:
    ran = maildesk(*arguments, "--json")
    assert ran.exit_code == code, ran.output
    return json.loads(ran.stdout)


async def publish(rig: Rig, records: Sequence[Outgoing]) -> None:
    producer = Producer(rig.bootstrap, "contract")
    await producer.start()
    await producer.send_all(records)
    await producer.stop()


async def read(rig: Rig, topic: str) -> list[Received]:
    scan = TopicScan(rig.bootstrap, [topic], "contract")
    try:
        return [record async for portion in scan.read(await scan.start()) for record in portion]
    finally:
        await scan.stop()


def commands(rig: Rig, topic: str, rule: str) -> list[ActionCommand]:
    found = [ActionCommand.model_validate_json(r.value or b"") for r in asyncio.run(read(rig, topic))]
    return [each for each in found if each.rule.id == rule]


def test_failed_commands_are_listed_retried_once_and_marked(rig: Rig) -> None:
    given = [command(mail(number, excerpt=SECRET), TAG, STAR, rule="again") for number in (1, 2, 3)]
    asyncio.run(publish(rig, [letter_of(each) for each in (*given, given[0])]))
    listed = told("dlq", "list", "--rule", "again")
    assert listed["counts"] == [{"topic": "actions-tag-dlq", "code": "odoo-access", "letters": 3}]
    assert {each["command"]["command_id"] for each in listed["letters"]} == {str(c.command_id) for c in given}
    assert SECRET not in maildesk("dlq", "list", "--rule", "again").output

    assert told("retry", "--rule", "again", "--dry-run")["letters"][0]["outcome"] == "would_be_retried"
    one = told("retry", str(given[0].command_id))
    assert [each["command_id"] for each in one["letters"]] == [str(given[0].retried().command_id)]
    again = told("retry", str(given[0].command_id))
    assert (again["letters"], again["handled_before"][0]["how"]) == ([], "retried")
    assert maildesk("retry", "--rule", "again").exit_code == 2, "many are confirmed"
    assert len(told("retry", "--rule", "again", "--yes")["letters"]) == 2
    assert told("dlq", "list", "--rule", "again")["letters"] == []
    assert {each.command_id for each in commands(rig, "actions-tag", "again")} == {
        c.retried().command_id for c in given
    }
    assert len(commands(rig, "actions-tag", "again")) == 3


def test_a_letter_is_shown_without_what_the_mail_says_unless_that_is_asked_for(rig: Rig) -> None:
    given = command(mail(4, excerpt=SECRET), MOVE, rule="shown")
    asyncio.run(publish(rig, [letter_of(given)]))
    (listed,) = told("dlq", "list", "--rule", "shown")["letters"]
    shown = maildesk("dlq", "show", listed["letter"])
    assert "odoo-access" in shown.output
    assert SECRET not in shown.output
    assert SECRET in maildesk("dlq", "show", str(given.command_id), "--payload").output
    assert told("dlq", "discard", listed["letter"])["letters"][0]["outcome"] == "discarded"
    assert told("dlq", "show", str(given.command_id))["handled"]["how"] == "discarded"


def test_one_that_may_have_acted_is_refused_and_then_forced(rig: Rig) -> None:
    given = command(mail(5), TAG, rule="unknown")
    asyncio.run(publish(rig, [letter_of(given, kept=True)]))
    refused = told("retry", "--rule", "unknown", "--yes", code=1)
    assert refused["letters"][0]["reason"] == "outcome-unknown"
    assert told("retry", "--rule", "unknown", "--yes", "--force-unknown")["letters"][0]["outcome"] == "retried"
    assert [each.force_step for each in commands(rig, "actions-tag", "unknown")] == [True]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("retry", "11111111-1111-1111-1111-111111111111"), "no dead letter of 11111111"),
        (("retry", "--type", "sing"), "no action type 'sing'"),
        (("dlq", "list", "--topic", "sing"), "no topic 'sing'"),
        (("dlq", "retry", "--type", "tag", "--topic", "mail-arrived"), "letters of tag commands"),
        (("dlq", "list", "--since", "yesterday"), "is no time"),
    ],
)
def test_a_mistyped_question_is_no_empty_answer(arguments: tuple[str, ...], says: str) -> None:
    ran = maildesk(*arguments)
    assert ran.exit_code == 2
    assert says in ran.stderr


def test_a_broker_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    ran = maildesk("dlq", "list")
    assert ran.exit_code == 3
    assert "Kafka" in ran.stderr
