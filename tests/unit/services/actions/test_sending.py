"""What nobody can be asked about afterwards: written down before, done once, looked at and never repeated."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runtime.errors import OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from schemas.result import Produced
from services.actions.effects.port import DeclinedError
from services.actions.model import Job
from services.actions.sending import Sending
from services.actions.states import State
from tests.unit.services.actions.fakes import Answer, FakeEffect
from tests.unit.services.actions.making import TAG, command, known, mail, publish
from tests.unit.services.actions.rig import Rig

LOST = OutcomeUnknownError("broken off", code="smtp-lost")
GIVEN = command(mail(1))


class SendingFake(FakeEffect):
    """Says that it sends before it does."""

    sending: Sending

    async def do(self, jobs: Sequence[Job]) -> list[Answer]:
        for job in jobs:
            try:
                await self.sending.begin(job)
            except TransientError as error:
                return [error]
        return await super().do(jobs)


class Died(BaseException):
    """As SIGKILL: nothing is caught, nothing is written down."""


def sending_rig(beside: Rig | None = None, **policy: Any) -> Rig:
    """A worker whose effect sends."""
    effect = SendingFake()
    rig = Rig(effect, beside=beside, **policy)
    effect.sending = Sending(rig.store)
    return rig


def dies(rig: Rig) -> Callable[[], None]:
    async def die() -> None:
        raise Died

    rig.effect.before = die
    return lambda: setattr(rig.effect, "before", None)


async def left_sending(rig: Rig) -> None:
    """The worker dies while it sends."""
    revive = dies(rig)
    with pytest.raises(Died):
        await rig.handle(GIVEN)
    revive()
    rig.effect.calls.clear()
    assert rig.state(GIVEN) is State.SENDING
    assert rig.results(GIVEN) == []


async def test_success_is_one_result() -> None:
    rig = sending_rig()
    await rig.handle(GIVEN)
    assert (rig.state(GIVEN), [r.state for r in rig.results(GIVEN)]) == (State.SUCCEEDED, ["succeeded"])


@pytest.mark.parametrize(
    ("answer", "state", "tries"),
    [
        (TransientError("451 later", code="smtp-later"), State.RETRY_WAIT, 2),
        (TargetDownError("421 closing", code="smtp-down"), State.RETRY_WAIT, 2),
        (PermanentError("554 no", code="smtp-refused"), State.FAILED, 1),
    ],
)
async def test_an_answer_that_nothing_was_taken_is_as_good_as_not_begun(
    answer: Answer, state: State, tries: int
) -> None:
    rig = sending_rig()
    rig.effect.answers[UUID(int=1)] = answer
    await rig.handle(GIVEN)
    assert rig.state(GIVEN) is state
    rig.effect.answers.clear()
    await rig.sweep(400.0)
    assert len(rig.effect.done()) == tries
    assert rig.state(GIVEN) is (State.SUCCEEDED if tries == 2 else State.FAILED)


async def test_an_unknown_outcome_is_looked_at_once_and_then_ends() -> None:
    rig = sending_rig()
    rig.effect.answers[UUID(int=1)] = LOST
    await rig.handle(GIVEN)
    assert rig.state(GIVEN) is State.SENDING
    assert (rig.last(GIVEN).state, rig.last(GIVEN).reason) == ("retry_wait", "smtp-lost")
    await rig.sweep(5.0)
    last = rig.last(GIVEN)
    assert (last.state, last.reason, last.attempt) == ("failed", "outcome-unknown", 1)
    assert len(rig.effect.done()) == 1
    assert [name for name, _ in rig.effect.calls] == ["do", "find"]


async def test_what_is_found_has_succeeded() -> None:
    rig = sending_rig()
    await left_sending(rig)
    rig.effect.found[UUID(int=1)] = Produced(text="found in Sent")
    await rig.sweep(301.0)
    assert (rig.last(GIVEN).state, rig.last(GIVEN).text) == ("succeeded", "found in Sent")
    assert rig.effect.done() == []


async def test_a_restart_looks_and_never_sends_again_also_under_the_same_key() -> None:
    rig = sending_rig()
    await left_sending(rig)
    await rig.store.expire_own_leases(rig.policy.worker, ["tag"])
    await rig.sweep()
    assert (rig.last(GIVEN).state, rig.last(GIVEN).reason) == ("failed", "outcome-unknown")
    await rig.sweep(10_000.0)
    again, forced = command(mail(1), run="m1"), command(mail(1), run="m2", force=True)
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(again).reason) == ("skipped", "duplicate")
    assert "not known" in rig.last(again).produced.text
    assert rig.effect.done() == []
    await rig.handle(forced)
    assert (rig.last(forced).state, rig.last(forced).generation) == ("succeeded", 1)


@pytest.mark.parametrize("answer", [TargetDownError("away", code="imap-connect"), TransientError("NO", code="no")])
async def test_where_it_cannot_look_it_waits_without_attempts_and_says_so_once(
    answer: TargetDownError | TransientError,
) -> None:
    rig = sending_rig(target_patience=timedelta(hours=1))
    await left_sending(rig)
    rig.effect.found[UUID(int=1)] = answer
    for _ in range(9):
        await rig.sweep(301.0)
        assert rig.state(GIVEN) is State.SENDING
    assert [r.reason for r in rig.results(GIVEN)] == [answer.code]
    assert rig.store.tables.commands[GIVEN.command_id].attempt == 1
    await rig.sweep(3_600.0)
    assert (rig.last(GIVEN).state, rig.last(GIVEN).reason) == ("failed", "outcome-unknown")
    assert rig.effect.done() == []


async def test_a_mailbox_that_is_gone_leaves_the_outcome_unknown_not_skipped() -> None:
    rig = sending_rig()
    await left_sending(rig)
    rig.effect.found[UUID(int=1)] = DeclinedError("the mailbox does not exist any more", code="mailbox-gone")
    await rig.sweep(301.0)
    assert (rig.last(GIVEN).state, rig.last(GIVEN).reason) == ("failed", "outcome-unknown")


async def test_looks_that_kill_the_worker_have_an_end() -> None:
    rig = sending_rig(max_attempts=2)
    await left_sending(rig)
    for _ in range(2):
        rig.clock.advance(301.0)
        async with rig.store.unit() as unit:
            attempt = rig.store.tables.commands[GIVEN.command_id].attempt
            await unit.take_leases([(GIVEN.command_id, State.SENDING, attempt + 1)], rig.policy.lease, "dead")
    await rig.sweep(301.0)
    assert (rig.last(GIVEN).state, rig.last(GIVEN).reason) == ("failed", "outcome-unknown")
    assert [name for name, _ in rig.effect.calls] == []


async def test_a_worker_that_lost_its_lease_sends_nothing() -> None:
    rig = sending_rig()
    other = sending_rig(rig)
    (identity,) = await rig.accept(GIVEN)
    begin = rig.effect

    class Slow(SendingFake):
        async def do(self, jobs: Sequence[Job]) -> list[Answer]:
            rig.clock.advance(301.0)
            await other.engine.process([identity])
            return await super().do(jobs)

    slow = Slow()
    slow.sending = Sending(rig.store)
    late = Rig(slow, beside=rig)
    await late.engine.process([identity])
    assert (slow.done(), begin.done(), other.effect.done()) == ([], [], [UUID(int=1)])
    assert [r.state for r in rig.results(GIVEN)] == ["succeeded"]


async def test_a_later_mail_of_the_conversation_waits_and_the_slip_goes_on() -> None:
    rig = sending_rig()
    later = command(mail(2))
    slip = command(mail(1), TAG, {**TAG, "id": "after"}, on_error="continue")
    rig.effect.answers[UUID(int=1)] = LOST
    await rig.handle(slip, later)
    assert rig.state(later) is State.RETRY_WAIT
    await rig.sweep(6.0)
    assert rig.last(slip).reason == "outcome-unknown"
    assert rig.last(slip).next_command is not None
    await rig.sweep(6.0)
    assert rig.state(later) is State.SUCCEEDED


async def test_a_mailbox_switched_off_meanwhile_does_not_turn_a_sent_mail_into_a_skipped_one() -> None:
    boxes = known()
    effect = SendingFake()
    rig = Rig(effect, mailboxes=boxes)
    effect.sending = Sending(rig.store)
    await left_sending(rig)
    publish(boxes, boxes.mailboxes["support"].model_copy(update={"automation": False}))
    effect.found[UUID(int=1)] = Produced(text="found in Sent")
    await rig.sweep(301.0)
    assert rig.state(GIVEN) is State.SUCCEEDED
