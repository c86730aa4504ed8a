"""The evaluator as a process, on real Kafka: from the rules that the console publishes to decisions."""

import asyncio
import signal
from pathlib import Path

import httpx

from runtime.kafka import Consumer, Outgoing
from runtime.migrations import migrate
from runtime.postgres import Database
from sandbox.kafka import KafkaServer
from schemas.command import ActionCommand
from schemas.dead_letter import DeadLetter
from schemas.decision import Decision
from schemas.topics import TOPICS
from services.console.outbox import publish_pending
from services.console.store import apply
from tests.integration.evaluator.running import (
    evaluator,
    mails,
    on,
    producer,
    publish,
    publish_rules,
    topic,
)
from tests.unit.services.evaluator.making import event, mailbox, request, rule, sent

STAR = [{"id": "s", "type": "star"}]
TAG = [{"id": "t", "type": "tag", "add": ["x"]}]


async def decisions(bootstrap: str, count: int) -> list[Decision]:
    found = await topic(bootstrap, "automation-decisions", lambda records: len(records) >= count)
    return [Decision.model_validate_json(record.value or b"") for record in found]


async def commands(bootstrap: str, name: str, count: int) -> list[ActionCommand]:
    found = await topic(bootstrap, name, lambda records: len(records) >= count)
    return [ActionCommand.model_validate_json(record.value or b"") for record in found]


async def test_rules_that_are_applied_decide_the_next_mail_without_a_restart(
    kafka: str, database: Database, tmp_path: Path
) -> None:
    await migrate(database, "console")
    async with producer(kafka) as sink, evaluator(kafka, tmp_path / "log") as running:
        await apply(database, [rule("r", actions=STAR)], [mailbox()], owner="f", author="anna")
        await publish_pending(database, sink)
        await running.ready(1)
        await sink.send_all([on("mail-arrived", event()), on("mail-sent", sent())])
        before = await decisions(kafka, 2)
        assert sorted(each.outcome for each in before) == ["commands", "no_rules"]
        assert [each.rule.revision for each in await commands(kafka, "actions-star", 1)] == [1]

        await apply(database, [rule("r", actions=TAG)], [], owner="f", author="anna")
        await publish_pending(database, sink)
        await running.ready(2)
        await sink.send_all([on("mail-arrived", mails(1)[0])])
        assert {each.ruleset_version for each in await decisions(kafka, 3)} == {1, 2}
        assert [each.rule.revision for each in await commands(kafka, "actions-tag", 1)] == [2]
        assert len(await commands(kafka, "actions-star", 1)) == 1
        assert await running.end(signal.SIGTERM) == 0


async def test_requests_and_backlogs_are_evaluated_too(kafka: str, tmp_path: Path) -> None:
    await publish_rules(kafka, 1, [mailbox()], [rule("r", enabled=False, actions=STAR), rule("other", actions=TAG)])
    asked = [
        on("evaluation-requested", request(event(), rule="r", dry_run=True)),
        on("evaluation-backlog", request(event(), run="replay-1")),
    ]
    async with evaluator(kafka, tmp_path / "log") as running:
        await running.ready(1)
        await publish(kafka, asked)
        assert {(each.run, each.trigger) for each in await decisions(kafka, 2)} == {
            ("run-1", "manual"),
            ("replay-1", "incoming"),
        }
        assert [each.dry_run for each in await commands(kafka, "actions-star", 1)] == [True]


async def test_a_poison_record_becomes_a_dead_letter_and_the_next_goes_on(kafka: str, tmp_path: Path) -> None:
    await publish_rules(kafka, 1, [mailbox()], [rule("r")])
    poison = [Outgoing("automation-rules", b"rule/p", b"{}", partition=0), Outgoing("mail-arrived", b"k", b"\xff")]
    await publish(kafka, [*poison, on("mail-arrived", event())])
    async with evaluator(kafka, tmp_path / "log"):
        assert [each.outcome for each in await decisions(kafka, 1)] == ["commands"]
        for name in ("mail-arrived-dlq", "automation-rules-dlq"):
            (letter,) = await topic(kafka, name, bool)
            assert DeadLetter.model_validate_json(letter.value or b"").code.startswith("unreadable")
    assert b"\xff" not in (tmp_path / "log").read_bytes()


async def test_a_kill_between_send_and_commit_repeats_the_same_records(kafka: str, tmp_path: Path) -> None:
    await publish_rules(kafka, 1, [mailbox()], [rule("r")])
    events = mails(3000)
    await publish(kafka, [on("mail-arrived", each) for each in events])
    for _ in range(2):
        async with evaluator(kafka, tmp_path / "log") as running:
            before = len(await topic(kafka, "automation-decisions", lambda _: True))
            await topic(kafka, "automation-decisions", lambda found, seen=before: len(found) > seen)  # type: ignore[misc]
            await running.end(signal.SIGKILL)
    async with evaluator(kafka, tmp_path / "log") as running:
        wanted = {each.event_id for each in events}
        found = await topic(
            kafka,
            "automation-decisions",
            lambda records: {Decision.model_validate_json(each.value or b"").event_id for each in records} == wanted,
        )
        by_id: dict[bytes, set[bytes]] = {}
        for each in found:
            by_id.setdefault(dict(each.headers)["ce_id"], set()).add(each.value or b"")
        assert len(by_id) == len(events)
        assert all(len(values) == 1 for values in by_id.values()), "a repeat has the same bytes"
        # Topics are not ordered among each other: the last decision may be seen before the last command.
        orders = await topic(
            kafka, "actions-star", lambda records: len({dict(each.headers)["ce_id"] for each in records}) == len(events)
        )
        assert {ActionCommand.model_validate_json(each.value or b"").event.event_id for each in orders} == wanted


async def test_the_rules_are_read_before_the_groups_are_joined(kafka: str, tmp_path: Path) -> None:
    await publish_rules(kafka, 7, [mailbox()], [rule(f"r{n}") for n in range(300)])
    await publish(kafka, [on("mail-arrived", each) for each in mails(20)])
    async with evaluator(kafka, tmp_path / "log"):
        assert {each.ruleset_version for each in await decisions(kafka, 20)} == {7}


async def test_offsets_move_only_when_all_is_acknowledged(kafka: str, tmp_path: Path) -> None:
    await publish_rules(kafka, 1, [mailbox()], [rule("r")])
    await publish(kafka, [on("mail-arrived", each) for each in mails(50)])
    async with evaluator(kafka, tmp_path / "log") as running:
        await decisions(kafka, 50)
        assert await running.end(signal.SIGTERM) == 0
    rest = Consumer(kafka, "evaluator", ["mail-arrived"])
    await rest.start()
    try:
        assert await rest.poll(100, 3.0) == []
    finally:
        await rest.stop()


async def test_a_broker_that_is_away_at_start_is_waited_for(kafka_server: KafkaServer, tmp_path: Path) -> None:
    bootstrap = kafka_server.bootstrap
    kafka_server.stop()
    async with evaluator(bootstrap, tmp_path / "log") as running:
        async with asyncio.timeout(20), httpx.AsyncClient() as client:
            while True:
                await asyncio.sleep(0.2)
                try:
                    answer = await client.get(f"http://127.0.0.1:{running.port}/readyz")
                except httpx.HTTPError:
                    continue
                if "kafka" in answer.json()["components"]:
                    break
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        kafka_server.start()  # here and not in a thread: the broker ends with the thread that started it
        await running.ready(0)
    assert "waiting for kafka" in (tmp_path / "log").read_text()


def test_every_topic_that_is_written_is_declared() -> None:
    assert {"mail-arrived-dlq", "evaluation-backlog-dlq", "automation-rules-dlq"} <= {each.name for each in TOPICS}
