"""Undo commands: what they take back, when they must not, and what can be done again afterwards."""

from uuid import UUID

import pytest

from connectors.mailbox.changes import TagChange
from runtime.errors import OutcomeUnknownError, TransientError
from schemas.result import Produced
from services.actions.effects.change_back import restoring
from services.actions.effects.port import DeclinedError, NotKnownError
from services.actions.model import ClaimKey
from services.actions.states import State
from tests.unit.services.actions.making import STAR, TAG, command, mail
from tests.unit.services.actions.undo_rig import AT, Traces, UndoRig, lead, rerun, undo

KEY = f"message:{UUID(int=1)}/r1/tag"


async def test_what_was_done_is_taken_back_once_and_logged_as_an_execution_of_its_own() -> None:
    rig, given = UndoRig(), command()
    await rig.handle(given)
    await rig.handle(undo(given), undo(given))
    await rig.handle(undo(given))
    assert (rig.traces.left, rig.traces.undone) == ([], [f"{KEY}/0"])
    assert rig.states([given, undo(given)]) == [State.SUCCEEDED] * 2
    (result,) = rig.results(undo(given))
    assert (result.undoes, result.state, result.text) == (given.command_id, "succeeded", "wiped")
    assert result.idempotency_key == f"undo:{given.command_id}/r1/tag/0"
    assert (result.event_id, result.rule, result.run_at) == (given.event.event_id, given.rule, AT)
    assert rig.last(given).undoes is None


async def test_another_undo_of_the_same_is_a_duplicate() -> None:
    rig, given = UndoRig(), command()
    await rig.handle(given)
    await rig.handle(undo(given))
    await rig.handle(undo(given, again=1))
    assert rig.traces.undone == [f"{KEY}/0"]
    assert (rig.last(undo(given, again=1)).state, rig.last(undo(given, again=1)).reason) == ("skipped", "duplicate")


async def test_what_was_undone_is_done_again_by_a_new_run_and_never_by_a_redelivery() -> None:
    rig, given = UndoRig(), command()
    await rig.handle(given)
    await rig.handle(undo(given))
    await rig.handle(given, given)
    assert rig.traces.left == []
    first, second = rerun(given), rerun(given, "manual-2")
    await rig.handle(first)
    await rig.handle(second)
    assert rig.traces.left == [f"{KEY}/1"]
    assert (rig.last(first).generation, rig.last(second).reason) == (1, "duplicate")
    await rig.handle(undo(first))
    assert (rig.traces.left, rig.traces.undone) == ([], [f"{KEY}/0", f"{KEY}/1"])
    third = rerun(given, "manual-3")
    await rig.handle(third)
    assert (rig.traces.left, rig.last(third).generation) == ([f"{KEY}/2"], 2)


async def test_what_a_retry_found_done_may_be_the_work_of_the_one_that_failed() -> None:
    rig, given = UndoRig(max_attempts=1), command()
    rig.traces.answers[UUID(int=1)] = OutcomeUnknownError("the connection broke")
    await rig.handle(given)
    await rig.sweep(10.0)
    assert rig.state(given) is State.FAILED
    again, found_so = given.retried(), {"added": [], "removed": [], "unchanged": ["vip"]}
    rig.traces.answers[UUID(int=1)] = Produced(details=found_so)
    await rig.handle(again)
    acted = (await rig.store.acted([again.command_id]))[again.command_id]
    with pytest.raises(NotKnownError):
        restoring(TagChange(("vip",), ()), acted)


async def test_a_slot_of_a_throttle_is_free_again() -> None:
    rig = UndoRig()
    throttled = {**TAG, "scope": {"every": "1d"}}
    one, two, three = (command(mail(number, conversation=number), throttled) for number in (1, 2, 3))
    await rig.handle(one)
    await rig.handle(two)
    await rig.handle(undo(one))
    await rig.handle(three)
    assert rig.states([one, two, three]) == [State.SUCCEEDED, State.SKIPPED, State.SUCCEEDED]
    assert len(rig.traces.left) == 1


async def test_what_has_not_acted_is_not_taken_back() -> None:
    rig, waiting, skipped, planned = (
        UndoRig(),
        command(),
        command(mail(2, conversation=2)),
        command(mail(3, conversation=3)),
    )
    rig.traces.answers[UUID(int=1)] = TransientError("not now")
    rig.traces.answers[UUID(int=2)] = DeclinedError("need not")
    dry = planned.model_copy(update={"dry_run": True})
    await rig.handle(waiting, skipped, dry)
    for given, state in ((waiting, "retry_wait"), (skipped, "skipped"), (dry, "planned")):
        back = undo(given, dry_run=False)
        await rig.handle(back)
        found = rig.last(back)
        assert (found.state, found.reason) == ("skipped", "not-done"), given
        assert state in found.text


async def test_an_undo_a_stranger_and_another_action_are_refused() -> None:
    rig, given = UndoRig(), command()
    kept, other = command(None, STAR), command(mail(2, conversation=2))
    await rig.handle(given, other, kept)
    await rig.handle(undo(given))
    of_undo, of_nothing = undo(undo(given)), undo(command(mail(9, conversation=9)))
    of_another = undo(other, undoes=kept.command_id, run="undo-x")
    await rig.handle(of_undo, of_nothing, of_another)
    reasons = [rig.last(each).reason for each in (of_undo, of_nothing, of_another)]
    assert reasons == ["not-undoable", "not-known", "mismatch"]
    assert rig.traces.undone == [f"{KEY}/0"]


async def test_the_row_is_the_truth_not_what_the_undo_says() -> None:
    rig, given = UndoRig(), command()
    rig.traces.answers[UUID(int=1)] = Produced(kind="record", model="m", res_id=5)
    await rig.handle(given)
    forged = undo(given, step=command(None, {**TAG, "add": ["Forged"]}).step, force=True)
    await rig.handle(forged)
    assert (rig.traces.undone, rig.last(forged).produced.res_id) == ([f"{KEY}/0"], 5)


async def test_a_dry_run_says_what_would_be_and_takes_no_claim() -> None:
    rig, given = UndoRig(), command()
    await rig.handle(given)
    dry = undo(given, run="undo-plan", dry_run=True)
    await rig.handle(dry)
    assert (rig.last(dry).state, rig.last(dry).text) == ("planned", "would wipe")
    assert (rig.traces.left, len(rig.store.tables.claims)) == ([f"{KEY}/0"], 1)
    await rig.handle(undo(given))
    late = undo(given, run="undo-plan-2", dry_run=True)
    await rig.handle(late)
    assert (rig.last(late).state, rig.last(late).reason) == ("skipped", "undone")


async def test_a_refusal_leaves_the_claim_as_it_is_and_may_be_tried_again() -> None:
    rig, given = UndoRig(), command()
    await rig.handle(given)
    rig.traces.refused[given.command_id] = DeclinedError("moved on", code="moved-on")
    await rig.handle(undo(given))
    assert (rig.last(undo(given)).state, rig.last(undo(given)).reason) == ("skipped", "moved-on")
    again = rerun(given)
    await rig.handle(again)
    assert rig.last(again).reason == "duplicate"
    rig.traces.refused.clear()
    await rig.handle(undo(given, again=1))
    assert rig.traces.undone == [f"{KEY}/0"]


async def test_undos_and_actions_of_one_batch_do_not_lose_each_others_answers() -> None:
    rig, given, fresh = UndoRig(), command(), command(mail(2, conversation=2))
    await rig.handle(given)
    rig.traces.answers[UUID(int=2)] = TransientError("not now")
    await rig.handle(undo(given), fresh)
    assert rig.states([undo(given), fresh]) == [State.SUCCEEDED, State.RETRY_WAIT]


@pytest.mark.parametrize("lost", ["before it is done", "after it is done"])
async def test_a_worker_that_dies_while_it_undoes_takes_back_once(lost: str) -> None:
    class DiedError(BaseException): ...

    traces, given = Traces(), command()
    first = UndoRig(traces)
    await first.handle(given)

    def dies() -> None:
        traces.within = lambda: None
        raise DiedError

    if lost == "before it is done":
        traces.refused[given.command_id] = DiedError()  # type: ignore[assignment]  # as SIGKILL, which nobody catches
    else:
        traces.within = dies
    with pytest.raises(DiedError):
        await first.handle(undo(given))
    traces.refused.clear()
    second = UndoRig(traces, beside=first)
    await second.sweep(second.policy.lease.total_seconds())
    assert (traces.left, traces.undone) == ([], [f"{KEY}/0"])
    assert [result.state for result in second.results(undo(given))] == ["succeeded"]


async def test_the_record_of_an_undone_command_is_nobodys_to_use_again() -> None:
    traces = Traces("crm_lead")
    traces.subjects = ("record:db:crm.lead:conversation:1",)
    rig, given, noted = UndoRig(traces), lead(), lead(rule="other")
    made = Produced(kind="record", model="crm.lead", res_id=7)
    traces.answers[UUID(int=1)] = made
    await rig.handle(given)
    await rig.handle(noted)
    record = ClaimKey("record:db:crm.lead:conversation:1", "", "", 0)
    assert rig.store.tables.claims[record].holder == noted.command_id
    await rig.handle(undo(given))
    assert record not in rig.store.tables.claims
    await rig.handle(rerun(given))
    assert rig.store.tables.claims[record].holder == rerun(given).command_id


async def test_a_record_that_came_later_stays_the_conversations() -> None:
    traces = Traces("crm_lead")
    traces.subjects = ("record:db:crm.lead:conversation:1",)
    rig, first, second = UndoRig(traces), lead(), lead(rule="other")
    traces.answers[UUID(int=1)] = Produced(kind="record", model="crm.lead", res_id=7)
    await rig.handle(first)
    traces.answers[UUID(int=1)] = Produced(kind="record", model="crm.lead", res_id=8)
    await rig.handle(second)
    await rig.handle(undo(first))
    claim = rig.store.tables.claims[ClaimKey("record:db:crm.lead:conversation:1", "", "", 0)]
    assert claim.produced is not None
    assert (claim.holder, claim.succeeded) == (second.command_id, True)


async def test_an_undo_that_was_refused_gives_back_the_record_that_nobody_had() -> None:
    traces = Traces("crm_lead")
    rig, given = UndoRig(traces), lead()
    await rig.handle(given)
    traces.subjects = ("record:db:crm.lead:conversation:1",)
    traces.refused[given.command_id] = DeclinedError("touched", code="touched")
    await rig.handle(undo(given))
    assert [key.subject for key in rig.store.tables.claims] == [f"message:{UUID(int=1)}"]


async def test_the_steps_of_a_slip_are_undone_one_by_one() -> None:
    rig, star = UndoRig(), command(None, STAR)
    tag = command(None, TAG, STAR)
    await rig.handle(tag)
    await rig.handle(undo(tag))
    assert tag.following() == star
    assert rig.last(undo(tag)).next_command is None
