"""Settling: what is published, what stays, and what a failure means for the rest of the slip."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runtime.clock import FakeClock
from schemas.command import ActionCommand
from schemas.dead_letter import MAX_COMMAND_BYTES, DeadLetter
from schemas.result import ExecutionResult, Produced
from services.actions.memory import MemoryStore
from services.actions.model import ClaimKey, CommandRow, Verdict
from services.actions.settling import settle
from services.actions.states import Event, State
from tests.unit.services.actions.fakes import verdict
from tests.unit.services.actions.making import MOVE, STAR, TAG, command, mail, new


class Table:
    """A store with one command under a lease."""

    def __init__(self, given: ActionCommand) -> None:
        self.store = MemoryStore(FakeClock())
        self.command = given

    async def begin(self) -> CommandRow:
        async with self.store.unit() as unit:
            await unit.insert_commands([new(self.command)])
            (row,) = await unit.lock_claimable([self.command.command_id], early=True)
            await unit.take_claims([(row.key, row.command_id)])
            taken = await unit.take_leases([(row.command_id, State.RUNNING, 1)], timedelta(seconds=60), "w")
        return replace(row, state=State.RUNNING, fence=taken[row.command_id][0])

    async def settle(self, *verdicts: Verdict) -> list[Verdict]:
        async with self.store.unit() as unit:
            return await settle(unit, verdicts)

    @property
    def results(self) -> list[ExecutionResult]:
        return [
            ExecutionResult.model_validate_json(queued.record.value)
            for queued in self.store.tables.outbox.values()
            if queued.record.topic == "automation-results"
        ]

    @property
    def following(self) -> list[ActionCommand]:
        return [
            ActionCommand.model_validate_json(queued.record.value)
            for queued in self.store.tables.outbox.values()
            if queued.record.topic != "automation-results" and not queued.record.topic.endswith("-dlq")
        ]

    @property
    def letters(self) -> list[tuple[str, DeadLetter]]:
        return [
            (queued.record.topic, DeadLetter.model_validate_json(queued.record.value))
            for queued in self.store.tables.outbox.values()
            if queued.record.topic.endswith("-dlq")
        ]

    @property
    def state(self) -> State:
        return self.store.tables.commands[self.command.command_id].state


async def test_success_publishes_the_result_and_then_the_next_step() -> None:
    table = Table(command(mail(1), TAG, STAR, MOVE))
    row = await table.begin()
    produced = Produced(kind="mailbox", uri="eml://support/elsewhere", text="tagged")
    assert len(await table.settle(verdict(row, Event.SUCCEEDED, produced=produced, text="tagged"))) == 1
    (result,), (following,) = table.results, table.following
    assert (result.state, result.sequence, result.attempt, result.text) == ("succeeded", 1, 1, "tagged")
    assert result.next_command == following.command_id
    assert result.content_uri == "eml://support/elsewhere"
    assert result.idempotency_key == f"message:{UUID(int=1)}/r1/tag/0"
    assert (following.type, len(following.slip), following.step.skip) == ("star", 1, None)
    topics = [queued.record.topic for queued in table.store.tables.outbox.values()]
    assert topics == ["automation-results", "actions-star"]
    assert table.store.tables.claims[row.key].produced == produced
    assert table.store.tables.placements == {UUID(int=1): "eml://support/elsewhere"}


async def test_a_message_that_stayed_where_it_was_leaves_no_placement() -> None:
    table = Table(command())
    row = await table.begin()
    where = row.command.event.content.uri
    await table.settle(verdict(row, Event.SUCCEEDED, produced=Produced(uri=where), uri=where))
    assert table.store.tables.placements == {}


@pytest.mark.parametrize("on_error", ["stop", "continue"])
async def test_a_failure_does_what_the_rule_says(on_error: str) -> None:
    table = Table(command(mail(1), TAG, STAR, MOVE, on_error=on_error))
    row = await table.begin()
    await table.settle(verdict(row, Event.FAILED, reason="folder-missing", text="no such folder"))
    (following,) = table.following
    skips = [step.skip for step in (following.step, *following.slip)]
    assert skips == (["stopped: action tag failed"] * 2 if on_error == "stop" else [None, None])
    assert table.results[0].reason == "folder-missing"
    assert table.store.tables.claims == {}


@pytest.mark.parametrize("event", [Event.FAILED, Event.EXHAUSTED])
async def test_a_failure_leaves_one_letter_with_the_whole_command(event: Event) -> None:
    table = Table(command(mail(1), TAG, STAR, run="manual-1"))
    row = await table.begin()
    failed = verdict(row, event, reason="folder-missing", text="no such folder" * 100)
    assert await table.settle(failed)
    assert await table.settle(failed) == [], "what was written down is not written twice"
    ((topic, letter),) = table.letters
    assert (topic, letter.topic, letter.id) == ("actions-tag-dlq", "actions-tag", str(row.command_id))
    assert (letter.code, letter.text) == ("folder-missing", ("no such folder" * 100)[:300])
    assert ActionCommand.model_validate_json(letter.value or b"") == row.command
    found = letter.command
    assert found is not None
    assert (found.command_id, found.event_id, found.run, found.attempt) == (row.command_id, UUID(int=1), "manual-1", 1)
    assert (found.mailbox, found.rule.id, found.action, found.type) == ("support", "r1", "tag", "tag")
    assert not found.claim_kept
    (queued,) = [each.record for each in table.store.tables.outbox.values() if each.record.topic == topic]
    assert (queued.key.decode(), queued.headers["traceparent"]) == (row.command.record_key, "t")


async def test_the_letter_of_one_that_may_have_acted_says_so() -> None:
    table = Table(command())
    row = await table.begin()
    async with table.store.unit() as unit:
        await unit.advance([(row.command_id, row.fence, State.RUNNING, State.SENDING)])
    await table.settle(verdict(replace(row, state=State.SENDING), Event.UNKNOWN, reason="outcome-unknown"))
    ((_, letter),) = table.letters
    assert letter.command is not None
    assert (letter.code, letter.command.claim_kept) == ("outcome-unknown", True)
    assert table.store.tables.claims[row.key].succeeded, "a plain retry would be a duplicate"


@pytest.mark.parametrize("event", [Event.SUCCEEDED, Event.DECLINED, Event.PLANNED, Event.TRANSIENT])
async def test_whatever_did_not_fail_leaves_no_letter(event: Event) -> None:
    table = Table(command())
    await table.settle(verdict(await table.begin(), event))
    assert table.letters == []


async def test_a_command_that_is_too_large_for_a_letter_is_cut_and_says_so() -> None:
    given = command(mail(1, excerpt="x" * MAX_COMMAND_BYTES))
    table = Table(given)
    await table.settle(verdict(await table.begin(), Event.FAILED))
    ((_, letter),) = table.letters
    assert (letter.cut, len(letter.value or b"")) == (True, MAX_COMMAND_BYTES)


async def test_what_was_settled_before_keeps_its_own_reason() -> None:
    given = command(mail(1), TAG, STAR)
    given = given.model_copy(update={"slip": (given.slip[0].model_copy(update={"skip": "conflict: rule x"}),)})
    table = Table(given)
    await table.settle(verdict(await table.begin(), Event.FAILED))
    assert table.following[0].step.skip == "conflict: rule x"


@pytest.mark.parametrize("event", [Event.DECLINED, Event.CLAIM_DONE])
async def test_every_skip_goes_on(event: Event) -> None:
    table = Table(command(mail(1), TAG, STAR))
    await table.settle(verdict(await table.begin(), event, reason="x"))
    assert table.results[0].state == "skipped"
    assert table.following[0].step.skip is None


async def test_a_retry_holds_the_slip_and_the_claim() -> None:
    table = Table(command(mail(1), TAG, STAR))
    row = await table.begin()
    await table.settle(verdict(row, Event.TRANSIENT, reason="busy", wait=timedelta(seconds=5)))
    assert (table.state, table.following) == (State.RETRY_WAIT, [])
    assert [(r.state, r.reason, r.next_command) for r in table.results] == [("retry_wait", "busy", None)]
    assert row.key in table.store.tables.claims
    stored = table.store.tables.commands[row.command_id]
    assert (stored.failures, stored.sequence, stored.wait_reason) == (1, 1, "busy")


async def test_a_target_that_stays_down_is_said_once() -> None:
    table = Table(command())
    row = await table.begin()
    await table.settle(verdict(row, Event.TARGET_DOWN, reason="target-down"))
    async with table.store.unit() as unit:
        (again,) = await unit.lock_claimable([row.command_id], early=True)
        taken = await unit.take_leases([(row.command_id, State.RUNNING, 1)], timedelta(seconds=60), "w")
    again = replace(again, state=State.RUNNING, fence=taken[row.command_id][0])
    await table.settle(verdict(again, Event.TARGET_DOWN, reason="target-down"))
    assert [result.sequence for result in table.results] == [1]
    stored = table.store.tables.commands[row.command_id]
    assert (stored.failures, stored.sequence) == (2, 1)


async def test_waits_for_others_are_not_published() -> None:
    table = Table(command())
    await table.settle(verdict(await table.begin(), Event.LANE_BUSY))
    assert (table.state, table.results) == (State.RETRY_WAIT, [])


@pytest.mark.parametrize("stale", [{"fence": 99}, {"state": State.RETRY_WAIT}])
async def test_a_late_answer_changes_and_publishes_nothing(stale: dict[str, Any]) -> None:
    table = Table(command(mail(1), TAG, STAR))
    row = await table.begin()
    event = Event.DECLINED if "state" in stale else Event.SUCCEEDED
    assert await table.settle(verdict(replace(row, **stale), event)) == []
    assert (table.state, table.results, table.following) == (State.RUNNING, [], [])
    assert not table.store.tables.claims[row.key].succeeded


async def test_success_keeps_the_claims_of_records_too() -> None:
    table = Table(command())
    row = await table.begin()
    record = ClaimKey("record:db:crm.lead:x", "", "", 0)
    async with table.store.unit() as unit:
        await unit.take_claims([(record, row.command_id)])
    lead = Produced(kind="record", model="crm.lead", res_id=5)
    await table.settle(verdict(row, Event.SUCCEEDED, produced=lead, records=(record,)))
    assert table.store.tables.claims[record].produced == lead
