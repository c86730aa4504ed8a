"""Retrying: the same command each time it is asked for, marked behind it; whoever dies in between loses nothing."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from cli.dlq_handling import BATCH, Asked, handle
from cli.dlq_retrying import NotRetried, Retry, retry_of
from cli.dlq_survey import Kept, Place
from runtime.errors import TargetDownError
from runtime.kafka import Outgoing
from schemas.command import ActionCommand
from schemas.dead_letter import MAX_COMMAND_BYTES, MAX_VALUE_BYTES, DeadLetter, DeadLetterHandled
from schemas.envelope import header
from tests.unit.cli.dlq.dead import NOON, TRACE, Dead
from tests.unit.services.actions.making import STAR, TAG, command, mail

GIVEN = command(mail(1), TAG, STAR)


def retried(dead: Dead) -> list[ActionCommand]:
    return [ActionCommand.model_validate_json(record.value or b"") for record in dead.topics.of("actions-tag")]


def marks(dead: Dead, topic: str = "actions-tag-dlq") -> list[DeadLetterHandled]:
    return [
        DeadLetterHandled.model_validate_json(record.value or b"")
        for record in dead.topics.of(topic)
        if header(record.headers, "ce_type") == DeadLetterHandled.ce_type
    ]


async def test_a_failed_command_goes_on_as_a_new_one_in_its_trace() -> None:
    dead = Dead()
    await dead.failed(GIVEN)
    (outcome,) = await dead.handle()
    assert isinstance(outcome.answer, Retry)
    assert retried(dead) == [GIVEN.retried()]
    (record,) = dead.topics.of("actions-tag")
    assert (record.key.decode(), header(record.headers, "traceparent")) == (GIVEN.record_key, TRACE)
    assert header(record.headers, "ce_id") == str(GIVEN.retried().command_id)
    (mark,) = marks(dead)
    assert (mark.letter, mark.how, mark.by) == (str(GIVEN.command_id), "retried", "anna")
    assert (mark.topic, mark.partition, mark.offset) == ("actions-tag", 0, 0)
    assert mark.command == GIVEN.retried().command_id
    assert await dead.handle() == [], "it is handled"


async def test_who_dies_before_the_mark_leaves_it_open_and_the_repeat_is_the_same_command() -> None:
    dead = Dead()
    await dead.failed(GIVEN)

    class Dying:
        async def send_all(self, records: Sequence[Outgoing]) -> None:
            if any(record.topic.endswith("-dlq") for record in records):
                raise TargetDownError("away")
            await dead.topics.send_all(records)

    places = [each.place for each in (await dead.survey()).open]
    with pytest.raises(TargetDownError):
        _ = [each async for each in handle(dead.scan(), Dying(), places, Asked("retried", "anna"), dead.clock)]
    await dead.handle()
    assert len(retried(dead)) == 2
    assert len({each.command_id for each in retried(dead)}) == 1
    assert len({record.value for record in dead.topics.of("actions-tag")}) == 1


async def test_a_broker_that_refuses_the_retry_gets_no_mark() -> None:
    dead = Dead()
    await dead.failed(GIVEN)

    class Down:
        async def send_all(self, records: Sequence[Outgoing]) -> None:
            del records
            raise TargetDownError("away")

    places = [each.place for each in (await dead.survey()).open]
    with pytest.raises(TargetDownError):
        _ = [each async for each in handle(dead.scan(), Down(), places, Asked("retried", "anna"), dead.clock)]
    assert (retried(dead), marks(dead)) == ([], [])


async def test_a_retry_that_fails_leaves_a_letter_of_its_own() -> None:
    dead = Dead()
    await dead.failed(GIVEN)
    await dead.handle()
    await dead.failed(GIVEN.retried())
    await dead.handle()
    assert [each.command_id for each in retried(dead)] == [
        GIVEN.retried().command_id,
        GIVEN.retried().retried().command_id,
    ]


async def test_many_go_in_portions_on_every_partition() -> None:
    dead = Dead(partitions=4)
    await dead.failed(*(command(mail(number)) for number in range(1, BATCH * 2 + 6)))
    assert len(await dead.handle()) == BATCH * 2 + 5
    assert len(retried(dead)) == len(marks(dead)) == BATCH * 2 + 5
    assert (await dead.survey()).open == []


async def test_a_dry_run_touches_nothing() -> None:
    dead = Dead()
    await dead.failed(GIVEN)
    (outcome,) = await dead.handle(dry_run=True)
    assert isinstance(outcome.answer, Retry)
    assert (retried(dead), marks(dead)) == ([], [])


async def test_what_may_have_acted_is_taken_by_force_only() -> None:
    dead = Dead()
    await dead.failed(GIVEN, kept=True)
    (outcome,) = await dead.handle()
    assert isinstance(outcome.answer, NotRetried)
    assert (outcome.answer.code, retried(dead), marks(dead)) == ("outcome-unknown", [], [])
    (outcome,) = await dead.handle(force_unknown=True)
    assert isinstance(outcome.answer, Retry)
    assert "second time" in outcome.answer.note
    assert [each.force_step for each in retried(dead)] == [True]


async def test_one_that_was_forced_keeps_its_generation_also_the_first() -> None:
    dead = Dead()
    await dead.failed(GIVEN.model_copy(update={"force": True}), command(mail(2)))
    await dead.handle()
    assert sorted((each.force, each.generation) for each in retried(dead)) == [(False, None), (True, 0)]


async def test_force_changes_nothing_for_what_surely_did_not_act() -> None:
    dead = Dead()
    await dead.failed(GIVEN)
    await dead.handle(force_unknown=True)
    assert [each.force_step for each in retried(dead)] == [False]


async def test_one_that_is_too_old_is_retried_and_what_will_become_of_it_said() -> None:
    dead = Dead()
    await dead.failed(command(expires_at=dead.clock.now() - timedelta(hours=1)))
    (outcome,) = await dead.handle()
    assert isinstance(outcome.answer, Retry)
    assert "skipped: expired" in outcome.answer.note


async def test_a_record_that_could_not_be_read_goes_back_as_it_was() -> None:
    dead = Dead()
    await dead.refused()
    (outcome,) = await dead.handle()
    assert isinstance(outcome.answer, Retry)
    (record,) = dead.topics.of("mail-arrived")
    assert (record.key, record.value) == (b"support/1", b"{")
    assert dict(record.headers) == {"ce_id": b"1", "traceparent": TRACE.encode()}
    assert [mark.how for mark in marks(dead, "mail-arrived-dlq")] == ["retried"]


async def test_discarding_marks_and_publishes_nothing() -> None:
    dead = Dead()
    await dead.failed(GIVEN, kept=True)
    await dead.refused(value=None)
    assert [each.answer for each in await dead.handle("discarded")] == [None, None]
    assert (retried(dead), [mark.how for mark in marks(dead)]) == ([], ["discarded"])
    assert (await dead.survey()).open == []


def kept(**fields: object) -> Kept:
    facts: dict[str, object] = {
        "id": "1",
        "topic": "mail-arrived",
        "code": "c",
        "text": "t",
        "at": NOON,
        "service": "s",
    }
    letter = DeadLetter.model_validate(facts | fields)
    return Kept(Place(f"{letter.topic}-dlq", 0, 0), letter, ())


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"topic": "automation-rules", "value": "e30="}, "rules", "rules apply"),
        ({"topic": "elsewhere", "value": "e30="}, "rules", "rules apply"),
        ({"reference": "imap://support/INBOX;UID=7"}, "nothing-kept", "imap://support/INBOX;UID=7"),
        ({"value": "e30=", "cut": True}, "cut", "too large"),
        ({"value": b"x" * MAX_VALUE_BYTES}, "cut", "too large"),
    ],
)
def test_what_cannot_be_put_back_says_why(fields: dict[str, object], code: str, says: str) -> None:
    letter = kept(**{name: value for name, value in fields.items() if not isinstance(value, bytes)})
    if isinstance(whole := fields.get("value"), bytes):
        letter = letter._replace(letter=letter.letter.model_copy(update={"value": whole}))
    answer = retry_of(letter, NOON)
    assert isinstance(answer, NotRetried)
    assert answer.code == code
    assert says in answer.text


async def test_a_letter_whose_command_was_cut_or_changed_is_left() -> None:
    dead = Dead()
    await dead.failed(command(mail(1, excerpt="x" * MAX_COMMAND_BYTES)))
    (outcome,) = await dead.handle()
    assert isinstance(outcome.answer, NotRetried)
    forged = Dead()
    await forged.failed(GIVEN)
    (record,) = forged.topics.of("actions-tag-dlq")
    other = DeadLetter.model_validate_json(record.value or b"")
    assert other.command is not None
    changed = other.model_copy(update={"command": other.command.model_copy(update={"command_id": UUID(int=5)})})
    forged = Dead()
    await forged.topics.send_all([Outgoing("actions-tag-dlq", b"", changed.to_json())])
    (outcome,) = await forged.handle()
    assert isinstance(outcome.answer, NotRetried)
    assert outcome.answer.code == "unreadable-record"
