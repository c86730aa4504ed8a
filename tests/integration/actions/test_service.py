"""The service on a real broker, a real database and a Maildir: each test has mails of its own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli.dlq_handling import Asked, Outcome, handle
from cli.dlq_survey import Sought, survey
from runtime.clock import SystemClock
from runtime.kafka import Outgoing, Producer
from runtime.kafka_scan import TopicScan
from schemas.dead_letter import DeadLetter
from schemas.mailbox import Mailbox
from schemas.result import ExecutionResult
from tests.contract.mailbox.rigs import MaildirRig, MboxRig
from tests.integration.actions.house import House, steps
from tests.integration.actions.maildirs import ARCHIVE, NOWHERE, STAR, TAG, arrives, maildir, seen

_VERSIONS = iter(range(1, 1000))


@pytest.fixture
async def rig(shared: House, tmp_path: Path) -> MaildirRig:
    """The Maildir of mailbox `test`, and a worker that knows it."""
    made, box = maildir(tmp_path / "maildir")
    mbox = Mailbox.model_validate({"id": "mbox", "source": {"kind": "mbox", "path": str(tmp_path / "mbox")}})
    version = next(_VERSIONS)
    await shared.mailboxes(box, mbox, version=version)
    worker = shared.workers[0] if shared.workers else shared.worker("shared")
    await worker.component("postgres", ready=True)
    return made


async def test_a_slip_of_three_steps_is_done_for_real_and_in_order(shared: House, rig: MaildirRig) -> None:
    given = await arrives(rig, TAG, STAR, ARCHIVE)
    await shared.command(given, given)
    tag, star, move = await shared.final(*steps(given))
    assert [r.state for r in (tag, star, move)] == ["succeeded"] * 3
    times = [moment for result in (tag, star, move) for moment in (result.started_at, result.finished_at)]
    assert times == sorted(moment for moment in times if moment is not None)
    assert (tag.next_command, star.next_command, move.next_command) == (star.command_id, move.command_id, None)
    assert await seen(rig) == []
    assert [flags - {"\\Seen"} for flags in rig.flags("Archive")] == [{"\\Flagged", "Invoice"}]
    assert "/Archive;" in move.produced.uri


async def test_a_repeated_command_publishes_nothing_new(shared: House, rig: MaildirRig) -> None:
    given, marker = await arrives(rig, STAR), await arrives(rig, STAR)
    await shared.command(given)
    await shared.final(given)
    await shared.command(given, given, marker)
    await shared.final(marker)
    records = await shared.read("automation-results", 2)
    found = [ExecutionResult.model_validate_json(record.value or b"") for record in records]
    assert [result.state for result in found if result.command_id == given.command_id] == ["succeeded"]


async def test_what_is_no_command_becomes_a_dead_letter(shared: House, rig: MaildirRig) -> None:
    given = await arrives(rig, TAG)
    poison = Outgoing("actions-tag", given.record_key.encode(), b'{"step": "poison"}')
    await shared.publish(poison)
    await shared.command(given)
    assert [result.state for result in await shared.final(given)] == ["succeeded"]
    (record, *_) = await shared.read("actions-tag-dlq", 1)
    letter = DeadLetter.model_validate_json(record.value or b"")
    assert (letter.topic, letter.code, letter.value) == ("actions-tag", "unreadable-record", poison.value)


async def test_a_folder_that_is_missing_fails_and_stops_the_rest(shared: House, rig: MaildirRig) -> None:
    given = await arrives(rig, NOWHERE, STAR)
    await shared.command(given)
    move, star = await shared.final(*steps(given))
    assert (move.state, move.reason) == ("failed", "folder-missing")
    assert "Nowhere" in move.text
    assert "Archive" in move.text
    assert (star.state, star.reason, star.text) == ("skipped", "stopped", "stopped: action move failed")
    assert len(await seen(rig)) == 1


async def test_a_retry_does_what_failed_and_the_rest_once(shared: House, rig: MaildirRig, tmp_path: Path) -> None:
    given = await arrives(rig, NOWHERE, STAR)
    await shared.command(given)
    await shared.final(*steps(given))
    for part in ("cur", "new", "tmp"):
        (tmp_path / "maildir" / ".Nowhere" / part).mkdir(parents=True)
    for _ in range(2):
        found = await _retried(shared, str(given.command_id))
        assert [each.letter.code for each in found] == ["folder-missing"], "it was not marked"
    again = given.retried()
    assert [result.state for result in await shared.final(*steps(again))] == ["succeeded", "succeeded"]
    (moved,) = await seen(rig, "Nowhere")
    assert "\\Flagged" in moved.flags
    assert await seen(rig) == []


async def _retried(house: House, letter: str) -> list[Outcome]:
    """What a retry that dies before its mark does."""
    scan = TopicScan(house.kafka, ["actions-move-folder-dlq"], "tests")
    producer = Producer(house.kafka, "tests")
    await producer.start()

    class Dying:
        async def send_all(self, records: Sequence[Outgoing]) -> None:
            await producer.send_all([record for record in records if not record.topic.endswith("-dlq")])

    try:
        async with asyncio.timeout(30):
            while not (found := (await survey(scan, Sought((), frozenset({letter})), most=100)).open):
                await scan.stop()
        places = [each.place for each in found]
        return [each async for each in handle(scan, Dying(), places, Asked("retried", "me"), SystemClock())]
    finally:
        await scan.stop()
        await producer.stop()


async def test_a_rule_may_go_on_after_a_failure(shared: House, rig: MaildirRig) -> None:
    given = await arrives(rig, NOWHERE, STAR, on_error="continue")
    await shared.command(given)
    assert [result.state for result in await shared.final(*steps(given))] == ["failed", "succeeded"]


async def test_a_read_only_mailbox_is_skipped(shared: House, rig: MaildirRig, tmp_path: Path) -> None:
    del rig
    given = await arrives(MboxRig(tmp_path / "mbox"), STAR, mailbox="mbox")
    content = given.event.content.model_copy(update={"uri": given.event.content.uri.replace("//test/", "//mbox/")})
    given = given.model_copy(update={"event": given.event.model_copy(update={"content": content})})
    await shared.command(given)
    (result,) = await shared.final(given)
    assert (result.state, result.reason) == ("skipped", "read-only")


async def test_a_mailbox_that_is_gone_is_skipped(shared: House, rig: MaildirRig) -> None:
    given = await arrives(rig, STAR, mailbox="gone")
    await shared.command(given)
    (result,) = await shared.final(given)
    assert (result.state, result.reason) == ("skipped", "mailbox-gone")


async def test_a_dry_run_touches_nothing_and_a_forced_one_acts_again(shared: House, rig: MaildirRig) -> None:
    given = await arrives(rig, TAG)
    dry, again, forced = (
        given.model_copy(update={"run": "m1", "dry_run": True}),
        given.model_copy(update={"run": "m2"}),
        given.model_copy(update={"run": "m3", "force": True}),
    )
    await shared.command(dry)
    (result,) = await shared.final(dry)
    assert (result.state, result.text, result.dry_run) == ("planned", "would tag Invoice", True)
    assert rig.flags() == [set()]
    outcomes = []
    for each in (given, again, forced):
        await shared.command(each)
        outcomes += await shared.final(each)
    assert [(r.state, r.reason, r.generation) for r in outcomes] == [
        ("succeeded", "", 0),
        ("skipped", "duplicate", 0),
        ("succeeded", "", 1),
    ]
    assert outcomes[1].produced == outcomes[0].produced
