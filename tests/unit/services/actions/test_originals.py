"""Commands on the original that a sent mail answers: its claim, its place, and what the result names."""

from typing import Any
from uuid import UUID

from schemas.command import NO_ORIGINAL, ActionCommand
from schemas.mail import ContentReference, MailSent, Original
from schemas.result import Produced
from services.actions.states import State
from tests.unit.services.actions.making import MOVE, STAR, TAG, command, mail
from tests.unit.services.actions.rig import Rig

ORIGINAL = mail(1)
WHERE = "eml://support/done/1.eml"


def reply(number: int, *, answers: bool = True) -> MailSent:
    """The n-th sent mail; the first mail is what it answers."""
    content = ContentReference(**ORIGINAL.content.model_dump())
    original = Original(event_id=ORIGINAL.event_id, message_id=ORIGINAL.message_id, content=content)
    facts = mail(number).model_dump() | {"direction": "outgoing", "original": original if answers else None}
    return MailSent.model_validate(facts)


def on_original(event: MailSent, *actions: dict[str, Any], **fields: Any) -> ActionCommand:
    """The command of an after-send rule whose actions are about the original."""
    return command(event, *({**each, "target": "original"} for each in actions), trigger="after_send", **fields)


async def test_of_two_replies_to_one_mail_the_second_finds_it_done() -> None:
    rig, first, second = Rig(), on_original(reply(2), TAG), on_original(reply(3), TAG)
    await rig.handle(first, second)
    await rig.sweep(30)
    assert rig.states([first, second]) == [State.SUCCEEDED, State.SKIPPED]
    assert (rig.last(second).reason, rig.effect.done()) == ("duplicate", [UUID(int=2)])
    assert rig.last(first).idempotency_key == f"message:{UUID(int=1)}/r1/tag/0"


async def test_the_same_action_on_the_replies_themselves_is_done_for_each() -> None:
    rig = Rig()
    commands = [command(reply(number), TAG, trigger="after_send") for number in (2, 3)]
    await rig.handle(*commands)
    assert rig.states(commands) == [State.SUCCEEDED] * 2


async def test_where_the_original_was_put_is_remembered_for_the_original() -> None:
    rig, move = Rig(), on_original(reply(2), MOVE)
    rig.effect.answers[UUID(int=2)] = Produced(kind="mailbox", uri=WHERE, text="moved to Archive")
    await rig.handle(move)
    assert rig.store.tables.placements == {ORIGINAL.event_id: WHERE}
    star = on_original(reply(3), STAR)
    ids = await rig.accept(star)
    async with rig.store.unit() as unit:
        claimed = await rig.engine._claiming.claim(unit, ids, 1000.0)
    assert [job.uri for job in claimed.jobs] == [WHERE]


async def test_the_result_names_the_sent_mail() -> None:
    rig, given = Rig(), on_original(reply(2), MOVE)
    rig.effect.answers[UUID(int=2)] = Produced(kind="mailbox", uri=WHERE, text="moved to Archive")
    await rig.handle(given)
    result = rig.last(given)
    assert (result.event_id, result.message_id) == (UUID(int=2), "<2@example.org>")
    assert (result.content_uri, result.produced.uri) == (given.event.content.uri, WHERE)


async def test_a_step_that_nobody_settled_never_falls_on_the_sent_mail() -> None:
    rig, given = Rig(), on_original(reply(2, answers=False), TAG, STAR)
    await rig.handle(given)
    result = rig.last(given)
    assert (result.state, result.reason, result.text) == ("skipped", "no-original", NO_ORIGINAL)
    assert (rig.effect.done(), result.next_command is not None) == ([], True)
