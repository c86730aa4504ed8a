"""The routing slip, and what counts as already done."""

import json

import pytest

from schemas.base import Record
from schemas.command import ActionCommand, Step
from schemas.dead_letter import DeadLetter
from schemas.ids import command_id
from schemas.scope import hashed
from schemas.topics import ACTIONS
from tests.unit.schemas.examples import load_examples


@pytest.fixture
def command() -> ActionCommand:
    example = next(e for e in load_examples() if e.headers["ce_type"] == ActionCommand.ce_type)
    return ActionCommand.model_validate_json(example.wire)


def test_the_slip_is_followed_to_its_end(command: ActionCommand) -> None:
    seen: list[ActionCommand] = []
    step: ActionCommand | None = command
    while step is not None:
        seen.append(step)
        step = step.following()
    assert [found.step.action.id for found in seen] == ["lead", "star", "move"]
    assert [found.type for found in seen] == ["crm_lead", "star", "move_folder"]
    assert [len(found.slip) for found in seen] == [2, 1, 0]
    assert len({found.command_id for found in seen}) == 3
    assert {found.type for found in seen} <= set(ACTIONS)
    assert {(found.event, found.run, found.rule) for found in seen} == {(command.event, command.run, command.rule)}


def test_its_id_knows_neither_revision_nor_position(command: ActionCommand) -> None:
    expected = command_id(command.event.event_id, command.run, command.rule.id, command.step.action.id)
    edited = command.model_copy(update={"rule": command.rule.model_copy(update={"revision": 99}), "slip": ()})
    assert edited.command_id == command.command_id == expected


def test_the_scope_says_what_counts_as_done(command: ActionCommand) -> None:
    assert command.scope_subject == f"thread:{command.event.conversation}"
    star = command.following()
    assert star is not None
    assert star.scope_subject == f"message:{command.event.event_id}"


def test_a_throttle_is_its_mailboxs_and_counts_slots_of_time(command: ActionCommand) -> None:
    slot = int(command.event.received_at.timestamp()) // 3600
    assert throttled(command, {"every": "1h"}).scope_subject == f"sales/interval:3600:{slot}"
    per_sender = throttled(command, {"every": "1h", "per": "sender"})
    assert command.event.sender is not None
    assert per_sender.scope_subject == f"sales/sender:{hashed(command.event.sender.address)}:3600:{slot}"
    nobody = per_sender.model_copy(update={"event": command.event.model_copy(update={"sender": None})})
    assert nobody.scope_subject == f"sales/sender::3600:{slot}"
    assert ActionCommand.model_validate_json(per_sender.to_json()) == per_sender


def throttled(command: ActionCommand, scope: dict[str, str]) -> ActionCommand:
    """The command, in that scope."""
    step = Step.model_validate({"action": {"id": "a", "type": "star", "scope": scope}})
    return command.model_copy(update={"step": step})


def test_it_is_keyed_like_its_event(command: ActionCommand) -> None:
    assert command.record_key == command.event.record_key == f"sales/{command.event.conversation}"


def test_fields_of_a_later_version_are_ignored_at_every_depth(command: ActionCommand) -> None:
    raw = command.model_dump(mode="json")
    for place in (raw, raw["rule"], raw["step"], raw["event"], raw["event"]["sender"], raw["event"]["reply_state"]):
        place["invented_later"] = 1
    assert ActionCommand.model_validate(raw) == command


def test_records_are_immutable_values(command: ActionCommand) -> None:
    assert isinstance(command, Record)
    with pytest.raises(ValueError, match="frozen"):
        command.run = "other"  # type: ignore[misc]


def test_any_bytes_survive_in_a_dead_letter() -> None:
    example = next(e for e in load_examples() if e.headers["ce_type"] == DeadLetter.ce_type)
    letter = DeadLetter.model_validate_json(example.wire).model_copy(update={"value": bytes(range(256))})
    assert DeadLetter.model_validate_json(letter.to_json()) == letter


def test_actions_travel_without_their_defaults(command: ActionCommand) -> None:
    """Actions refuse unknown fields, so a field that a newer evaluator knows must not travel unless it is used."""
    sent = json.loads(command.to_json())
    assert sent["slip"][0]["action"] == {"id": "star", "type": "star"}
    assert ActionCommand.model_validate_json(command.to_json()) == command


def test_a_retry_is_always_the_same_new_command_with_what_is_left_of_the_slip(command: ActionCommand) -> None:
    failed = command.model_copy(update={"on_error": "stop"})
    again = failed.retried()
    assert again == failed.retried()
    assert again.command_id not in (failed.command_id, again.retried().command_id)
    kept = ("event", "rule", "step", "slip", "decision_id", "run_at", "scope_subject", "ruleset_version", "expires_at")
    assert all(getattr(again, name) == getattr(failed, name) for name in kept)
    assert again.slip
    following = again.following()
    assert following is not None
    assert following.run == again.run, "what follows has ids of the retry's run"


def test_what_went_on_after_the_failure_is_not_done_again(command: ActionCommand) -> None:
    assert command.on_error == "continue"
    assert command.retried().slip == ()


def test_a_forced_retry_forces_its_own_step_only(command: ActionCommand) -> None:
    forced = command.model_copy(update={"on_error": "stop"}).retried(force=True)
    following = forced.following()
    assert following is not None
    assert (forced.force, forced.force_step, following.force_step) == (False, True, False)
    assert b"force_step" not in following.to_json(), "an older worker reads what it knows"
