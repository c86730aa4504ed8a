"""Who may act: claims, generations, dry runs, skips, dead workers."""

from datetime import timedelta
from uuid import UUID

import pytest

from runtime.errors import PermanentError, TransientError
from schemas.mail import Address
from services.actions.model import ClaimKey
from services.actions.states import State
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import LEAD, NOON, TAG, command, known, mail, mailbox, step
from tests.unit.services.actions.rig import Rig

THREAD = {**TAG, "scope": "thread"}
HOURLY = {**TAG, "scope": {"every": "1h"}}
WEEKLY = {**TAG, "scope": {"every": "7d", "per": "sender"}}
BUSY = TransientError("busy", code="busy")


async def test_a_repeated_command_does_and_publishes_nothing_new() -> None:
    rig, given = Rig(), command()
    for _ in range(3):
        await rig.handle(given, given)
    assert rig.effect.done() == [given.event.event_id]
    assert len(rig.results(given)) == 1


async def test_a_second_run_of_a_rule_is_a_duplicate_that_says_what_was_produced() -> None:
    rig, live, manual = Rig(), command(), command(run="m1")
    await rig.handle(live)
    await rig.handle(manual)
    last = rig.last(manual)
    assert (last.state, last.reason, last.produced.text) == ("skipped", "duplicate", "done")
    assert str(live.command_id) in last.text


async def test_a_forced_rerun_acts_again_in_the_next_generation() -> None:
    rig, live, forced = Rig(), command(), command(run="m1", force=True)
    await rig.handle(live)
    await rig.handle(forced)
    assert rig.effect.done() == [live.event.event_id] * 2
    assert (rig.last(forced).generation, rig.last(forced).idempotency_key[-2:]) == (1, "/1")
    after = command(run="m2")
    await rig.handle(after)
    assert (rig.last(after).reason, rig.last(after).generation) == ("duplicate", 1)


async def test_a_forced_reruns_generation_is_stable_over_redelivery() -> None:
    rig, forced = Rig(), command(run="m1", force=True)
    rig.effect.answers[forced.event.event_id] = BUSY
    await rig.handle(command(run="m0"))
    await rig.handle(forced)
    await rig.accept(forced, command(run="m2", force=True), forced)
    key = rig.store.tables.commands[forced.command_id].new.generation
    await rig.accept(forced)
    assert rig.store.tables.commands[forced.command_id].new.generation == key


async def test_forcing_what_never_acted_is_its_first_time() -> None:
    rig, forced = Rig(), command(run="m1", force=True)
    await rig.handle(forced)
    assert rig.last(forced).generation == 0


async def test_a_failure_gives_the_claim_back_and_a_retry_keeps_it() -> None:
    rig, first, second = Rig(), command(mail(1), THREAD), command(mail(2), THREAD, run="m1")
    rig.effect.answers[first.event.event_id] = BUSY
    await rig.handle(first, second)
    assert rig.states([first, second]) == [State.RETRY_WAIT, State.RETRY_WAIT]
    assert {claim.holder for claim in rig.store.tables.claims.values()} == {first.command_id}
    del rig.effect.answers[first.event.event_id]
    await rig.sweep(5)
    await rig.sweep(5)
    assert rig.states([first, second]) == [State.SUCCEEDED, State.SKIPPED]
    assert rig.last(second).attempt == 0


async def test_a_claim_held_by_a_running_command_is_waited_for_without_an_attempt() -> None:
    one = Rig(worker="one")
    other = Rig(beside=one, worker="two")
    first, second = command(mail(1)), command(mail(1), run="m1")

    async def meanwhile() -> None:
        await other.handle(second)

    one.effect.before = meanwhile
    await one.handle(first)
    assert other.effect.done() == []
    assert other.state(second) is State.RETRY_WAIT
    assert other.results(second) == []
    await other.sweep(1)
    assert other.last(second).reason == "duplicate"


async def test_two_commands_of_one_record_act_one_after_the_other() -> None:
    rig = Rig(FakeEffect("crm_lead", "odoo"))
    rig.effect.subjects = ("record:x", "record:y")
    first = command(mail(1, conversation=1, mailbox="support"), LEAD)
    second = command(mail(2, conversation=2, mailbox="support"), LEAD)
    seen = []

    async def look() -> None:
        seen.append(rig.store.tables.claims[ClaimKey("record:x", "", "", 0)].produced)

    rig.effect.before = look
    await rig.handle(first, second)
    assert rig.states([first, second]) == [State.SUCCEEDED, State.SUCCEEDED]
    assert rig.effect.calls == [("do", [first.event.event_id]), ("do", [second.event.event_id])]
    assert [produced and produced.text for produced in seen] == [None, "done"]


async def test_who_stands_behind_a_claim_of_the_same_batch_waits_when_that_is_not_done() -> None:
    rig = Rig(FakeEffect("crm_lead", "odoo"))
    rig.effect.subjects = ("record:x",)
    first = command(mail(1, conversation=1, mailbox="support"), LEAD)
    second = command(mail(2, conversation=2, mailbox="support"), LEAD)
    rig.effect.answers[first.event.event_id] = BUSY
    await rig.handle(first, second)
    assert rig.effect.done() == [first.event.event_id]
    assert rig.states([first, second]) == [State.RETRY_WAIT, State.RETRY_WAIT]
    holders = {claim.holder for claim in rig.store.tables.claims.values()}
    assert holders == {first.command_id}


async def test_a_dry_run_takes_no_claim_and_stands_in_nobodys_way() -> None:
    rig, dry = Rig(), command(mail(1), dry_run=True, run="m1")
    rig.effect.answers[UUID(int=1)] = BUSY
    await rig.accept(dry)
    await rig.handle(command(mail(2)))
    await rig.handle(dry)
    assert rig.last(dry).state == "planned"
    assert [claim.holder for claim in rig.store.tables.claims.values()] == [command(mail(2)).command_id]
    await rig.handle(command(mail(1)))
    assert rig.effect.done() == [UUID(int=2), UUID(int=1)]


async def test_what_the_evaluator_settled_is_skipped_with_its_reason() -> None:
    rig = Rig()
    given = command().model_copy(update={"step": step(TAG, "conflict: rule x moves this message")})
    await rig.handle(given)
    last = rig.last(given)
    assert (last.state, last.reason, last.text) == ("skipped", "conflict", "conflict: rule x moves this message")
    assert rig.effect.calls == []


async def test_an_action_outside_of_its_window_is_skipped_with_a_code() -> None:
    rig = Rig()
    given = command().model_copy(update={"step": step(TAG, "outside window: received on Sunday")})
    await rig.handle(given)
    last = rig.last(given)
    assert (last.state, last.reason, last.text) == ("skipped", "outside-window", "outside window: received on Sunday")
    assert rig.effect.calls == []


async def test_a_throttle_acts_once_in_a_slot_of_time_and_again_in_the_next() -> None:
    rig = Rig()
    first, second, later = (
        command(mail(number, conversation=number, received_at=NOON + timedelta(minutes=minutes)), HOURLY)
        for number, minutes in ((1, 0), (2, 59), (3, 60))
    )
    await rig.handle(first)
    await rig.handle(second, later)
    assert rig.effect.done() == [first.event.event_id, later.event.event_id]
    last = rig.last(second)
    assert (last.state, last.reason, last.produced.text) == ("skipped", "duplicate", "done")
    assert str(first.command_id) in last.text
    assert last.scope == "every 1h"


async def test_a_throttle_is_one_rules_in_one_mailbox() -> None:
    rig = Rig(mailboxes=known(mailbox("support"), mailbox("sales")))
    given = [command(mail(1), HOURLY), command(mail(2), HOURLY, rule="r2"), command(mail(3, mailbox="sales"), HOURLY)]
    await rig.handle(*given)
    assert len(rig.effect.done()) == 3


async def test_a_throttle_that_failed_leaves_its_slot_to_the_next_mail() -> None:
    rig, first, second = Rig(), command(mail(1), HOURLY), command(mail(2, conversation=2), HOURLY)
    rig.effect.answers[first.event.event_id] = PermanentError("no", code="refused")
    await rig.handle(first)
    await rig.handle(second)
    assert rig.states([first, second]) == [State.FAILED, State.SUCCEEDED]


async def test_a_throttle_per_sender_lets_each_sender_act_once() -> None:
    rig = Rig()
    senders = ("anna@example.org", "bert@example.org", "Anna@EXAMPLE.org", None, None)
    given = [
        command(mail(number, conversation=number, sender=Address(address=sender) if sender else None), WEEKLY)
        for number, sender in enumerate(senders, start=1)
    ]
    for each in given:
        await rig.handle(each)
    assert [rig.last(each).reason for each in given] == ["", "", "duplicate", "", "duplicate"]
    assert {rig.last(each).scope for each in given} == {"every 7d per sender"}


async def test_a_forced_rerun_acts_again_in_its_slot() -> None:
    rig, live, forced = Rig(), command(mail(1), HOURLY), command(mail(1), HOURLY, run="m1", force=True)
    await rig.handle(live)
    await rig.handle(forced)
    assert rig.effect.done() == [live.event.event_id] * 2


async def test_a_dead_workers_command_is_looked_for_and_then_repeated() -> None:
    rig, given = Rig(), command()
    await rig.accept(given)
    async with rig.store.unit() as unit:
        await unit.take_leases([(given.command_id, State.RUNNING, 1)], rig.policy.lease, "dead")
    await rig.sweep(200)
    assert rig.state(given) is State.RUNNING
    await rig.sweep(101)
    assert [name for name, _ in rig.effect.calls] == ["find", "do"]
    assert rig.last(given).attempt == 2


@pytest.mark.parametrize(("attempt", "calls"), [(8, ["find"]), (9, [])])
async def test_a_command_that_kills_its_workers_ends(attempt: int, calls: list[str]) -> None:
    rig, given = Rig(), command()
    await rig.accept(given)
    async with rig.store.unit() as unit:
        await unit.take_leases([(given.command_id, State.RUNNING, attempt)], rig.policy.lease, "dead")
    await rig.sweep(301)
    assert [name for name, _ in rig.effect.calls] == calls
    assert rig.last(given).state == "failed"
    assert rig.last(given).reason == ("worker-died" if attempt == 9 else "outcome-unknown")


async def test_a_restarted_worker_takes_its_own_work_up_at_once() -> None:
    rig, given = Rig(worker="me"), command()
    await rig.accept(given)
    async with rig.store.unit() as unit:
        await unit.take_leases([(given.command_id, State.RUNNING, 1)], rig.policy.lease, "me")
    await rig.store.expire_own_leases("me", ["tag"])
    await rig.sweep()
    assert rig.state(given) is State.SUCCEEDED


async def test_what_was_accepted_and_forgotten_is_found() -> None:
    rig, given = Rig(), command()
    await rig.accept(given)
    await rig.sweep(29)
    assert rig.state(given) is State.PENDING
    await rig.sweep(2)
    assert rig.state(given) is State.SUCCEEDED


async def test_redelivery_does_not_shorten_a_backoff() -> None:
    rig, given = Rig(), command()
    rig.effect.answers[given.event.event_id] = BUSY
    for _ in range(5):
        await rig.handle(given)
    assert len(rig.effect.done()) == 1
