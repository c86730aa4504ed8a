"""A command that takes up a failed one: the same key, never a second effect."""

from datetime import timedelta
from uuid import UUID

import pytest

from runtime.errors import OutcomeUnknownError, PermanentError, TargetDownError
from schemas.command import ActionCommand
from schemas.ids import FACTS, LIVE
from schemas.result import Produced
from services.actions.states import State
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import STAR, TAG, arrival, command, known, mail, mailbox
from tests.unit.services.actions.rig import Rig
from tests.unit.services.actions.test_sending import LOST, sending_rig

REFUSED = PermanentError("Odoo refuses", code="odoo-access")


async def failed(rig: Rig, given: ActionCommand) -> ActionCommand:
    """The command that takes up the given one, which has failed; its target is mended."""
    rig.effect.answers[given.event.event_id] = REFUSED
    await rig.handle(given)
    assert rig.state(given) is State.FAILED
    del rig.effect.answers[given.event.event_id]
    rig.effect.calls.clear()
    return given.retried()


async def test_it_acts_once_under_the_same_key_however_often_it_comes() -> None:
    rig, given = Rig(), command()
    again = await failed(rig, given)
    await rig.handle(again, again)
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(given).state) == ("succeeded", "failed")
    assert rig.last(again).idempotency_key == rig.last(given).idempotency_key
    assert rig.effect.done() == [given.event.event_id]
    assert rig.last(again).decision_id == rig.last(given).decision_id


async def test_it_looks_first_since_the_failed_one_may_have_left_something() -> None:
    rig, given = Rig(max_attempts=1), command()
    rig.effect.answers[given.event.event_id] = OutcomeUnknownError("no answer", code="time-out")
    await rig.handle(given)
    await rig.sweep(10.0)
    assert rig.state(given) is State.FAILED
    rig.effect.found[given.event.event_id] = Produced(text="it was there")
    rig.effect.calls.clear()
    again = given.retried()
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(again).text) == ("succeeded", "it was there")
    assert [name for name, _ in rig.effect.calls] == ["find"]


async def test_one_that_fails_again_can_be_taken_up_again() -> None:
    rig, given = Rig(), command()
    first = await failed(rig, given)
    second = await failed(rig, first)
    await rig.handle(second)
    assert [rig.state(each) for each in (given, first, second)] == [State.FAILED, State.FAILED, State.SUCCEEDED]


async def test_what_another_did_meanwhile_is_not_done_again() -> None:
    rig, given = Rig(), command()
    again = await failed(rig, given)
    await rig.handle(command(run="m1"))
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(again).reason) == ("skipped", "duplicate")


async def test_a_forced_one_is_not_done_again_when_another_forced_one_did_it_meanwhile() -> None:
    rig = Rig()
    await rig.handle(command(mail(1), TAG, STAR))
    given, other = (command(mail(1), TAG, STAR, run=run, force=True) for run in ("m1", "m2"))
    await failed(rig, given)
    await rig.handle(other)
    again = given.retried(generation=rig.last(given).generation)
    await rig.handle(again)
    assert [rig.last(each).generation for each in (given, other, again)] == [1, 1, 1]
    assert (rig.last(other).state, rig.last(again).reason) == ("succeeded", "duplicate")
    star = Rig(FakeEffect("star"), beside=rig)
    ours, theirs = again.following(), other.following()
    assert ours is not None
    assert theirs is not None
    await star.handle(theirs)
    (sent,) = star.queued(ours.command_id)
    await star.handle(sent)
    assert (star.last(theirs).state, star.last(sent).reason) == ("succeeded", "duplicate"), "nor what follows it"


async def test_a_forced_one_that_nobody_did_meanwhile_acts_and_what_follows_is_forced_too() -> None:
    rig = Rig()
    await rig.handle(command(mail(1), TAG, STAR))
    given = command(mail(1), TAG, STAR, run="m1", force=True)
    await failed(rig, given)
    again = given.retried(generation=rig.last(given).generation)
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(again).generation) == ("succeeded", 1)
    following = again.following()
    assert following is not None
    (sent,) = rig.queued(following.command_id)
    assert (sent.force, sent.generation) == (True, None)


async def test_one_that_may_have_acted_is_taken_up_by_force_only_and_only_its_own_step() -> None:
    rig, given = sending_rig(), command(mail(1), TAG, STAR)
    rig.effect.answers[UUID(int=1)] = LOST
    await rig.handle(given)
    rig.effect.answers.clear()
    await rig.sweep(5.0)
    assert rig.last(given).reason == "outcome-unknown"
    plain = given.retried()
    await rig.handle(plain)
    assert rig.last(plain).reason == "duplicate"
    star = Rig(FakeEffect("star"), beside=rig)
    await star.handle(command(mail(1), STAR, run="m1"))
    forced = given.model_copy(update={"run": plain.run}).retried(force=True)
    await rig.handle(forced)
    assert (rig.last(forced).state, rig.last(forced).generation) == ("succeeded", 1)
    following = forced.following()
    assert following is not None
    await star.engine.process(await star.engine.accept([arrival(following)]))
    assert star.last(following).reason == "duplicate", "the next step was done, and is not forced"


@pytest.mark.parametrize(("run", "reason"), [(LIVE, "mailbox-off"), (f"{FACTS}1", "mailbox-off"), ("m1", "")])
async def test_it_counts_as_the_run_that_it_takes_up(run: str, reason: str) -> None:
    rig, given = Rig(mailboxes=known(mailbox(automation=False))), command(run=run)
    again = given.retried()
    await rig.handle(again)
    assert rig.last(again).reason == reason


async def test_one_that_is_too_old_by_its_rule_is_skipped() -> None:
    rig = Rig()
    given = command(expires_at=rig.clock.now() + timedelta(hours=1))
    again = await failed(rig, given)
    rig.clock.advance(3_601.0)
    await rig.handle(again)
    assert (rig.last(again).state, rig.last(again).reason) == ("skipped", "expired")


async def test_a_target_that_is_down_keeps_it_waiting_like_any_other() -> None:
    rig, given = Rig(), command(mail(1))
    again = await failed(rig, given)
    rig.effect.answers[UUID(int=1)] = TargetDownError("away")
    await rig.handle(again)
    assert rig.state(again) is State.RETRY_WAIT
    assert rig.last(again).attempt == 0
