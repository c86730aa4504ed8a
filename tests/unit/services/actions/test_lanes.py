"""One conversation, one target: in order, up to a bound."""

from uuid import UUID

from runtime.errors import OutcomeUnknownError, TargetDownError, TransientError
from schemas.result import Produced
from services.actions.states import State
from tests.unit.services.actions.fakes import FakeEffect
from tests.unit.services.actions.making import STAR, TAG, command, mail
from tests.unit.services.actions.rig import Rig

FIRST, SECOND, THIRD = (command(mail(n)) for n in (1, 2, 3))


async def test_mails_of_a_conversation_are_acted_on_one_by_one_in_order() -> None:
    rig = Rig()
    await rig.handle(FIRST, SECOND, THIRD)
    assert rig.effect.calls == [("do", [UUID(int=n)]) for n in (1, 2, 3)]


async def test_other_conversations_go_together() -> None:
    rig = Rig()
    await rig.handle(*(command(mail(n, conversation=n)) for n in range(1, 4)))
    assert len(rig.effect.calls) == 1


async def test_a_later_mail_waits_behind_one_that_is_retried() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TransientError("busy")
    await rig.handle(FIRST, SECOND)
    assert rig.states([FIRST, SECOND]) == [State.RETRY_WAIT, State.RETRY_WAIT]
    assert rig.results(SECOND) == []
    rig.effect.answers.clear()
    await rig.sweep(5)
    assert rig.effect.done() == [UUID(int=n) for n in (1, 1, 2)]


async def test_other_targets_do_not_wait() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TransientError("busy")
    lead = FakeEffect("star", "elsewhere")
    other = Rig(lead, beside=rig)
    await rig.handle(FIRST)
    await other.handle(command(mail(2), STAR))
    assert lead.done() == [UUID(int=2)]


async def test_a_pending_one_is_not_overtaken_either() -> None:
    rig = Rig()
    await rig.accept(FIRST)
    await rig.handle(SECOND)
    assert rig.effect.done() == []
    await rig.sweep(31)
    assert rig.effect.done() == [UUID(int=1), UUID(int=2)]


async def until_overdue(rig: Rig) -> None:
    for _ in range(20):
        await rig.sweep(60)


async def test_after_the_bound_the_older_one_ends_superseded() -> None:
    rig = Rig(max_attempts=100)
    rig.effect.answers[UUID(int=1)] = TransientError("busy", code="busy")
    await rig.handle(FIRST, SECOND, THIRD)
    await until_overdue(rig)
    assert rig.states([FIRST, SECOND, THIRD]) == [State.SKIPPED, State.SUCCEEDED, State.SUCCEEDED]
    assert rig.last(FIRST).reason == "superseded"
    assert rig.effect.done()[-2:] == [UUID(int=2), UUID(int=3)]


async def test_a_superseded_one_that_has_acted_has_succeeded() -> None:
    rig = Rig(max_attempts=100)
    rig.effect.answers[UUID(int=1)] = OutcomeUnknownError("cut off")
    await rig.handle(FIRST, SECOND)
    rig.effect.found[UUID(int=1)] = TransientError("busy")
    await rig.sweep(60)
    for _ in range(20):
        if rig.store.tables.commands[FIRST.command_id].wait_reason == "superseded":
            break
        await rig.sweep(60)
    rig.effect.found[UUID(int=1)] = Produced(text="found")
    await until_overdue(rig)
    assert rig.states([FIRST, SECOND]) == [State.SUCCEEDED, State.SUCCEEDED]


async def test_a_target_that_is_down_supersedes_nobody() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TargetDownError("refused")
    await rig.handle(FIRST, SECOND)
    await until_overdue(rig)
    await until_overdue(rig)
    assert rig.states([FIRST, SECOND]) == [State.RETRY_WAIT, State.RETRY_WAIT]
    assert {result.state for result in rig.results(FIRST)} == {"retry_wait"}


async def test_commands_of_one_mail_do_not_wait_for_each_other() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TransientError("busy")
    await rig.handle(command(mail(1), rule="a"), command(mail(1), {**TAG, "add": ["x"]}, rule="b"))
    assert rig.effect.calls == [("do", [UUID(int=1), UUID(int=1)])]


async def test_who_waits_long_looks_less_often() -> None:
    rig = Rig()
    rig.effect.answers[UUID(int=1)] = TargetDownError("refused")
    await rig.handle(FIRST, SECOND)
    row = rig.store.tables.commands[SECOND.command_id]
    assert (row.next_try_at - rig.clock.now()).total_seconds() == 0.3
    await rig.sweep(3600)
    row = rig.store.tables.commands[SECOND.command_id]
    assert (row.next_try_at - rig.clock.now()).total_seconds() == 5
