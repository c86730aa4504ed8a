"""Target `original`: where there is none the step is skipped, and moves fight only over the same mail."""

from typing import Any
from uuid import UUID

import pytest

from schemas.command import NO_ORIGINAL, ActionCommand
from schemas.mail import ContentReference, Original
from services.evaluator.evaluate import evaluate
from tests.unit.services.evaluator.making import event, request, rule, ruleset, sent

ANSWERED = Original(
    event_id=UUID(int=70),
    message_id="<0@example.com>",
    content=ContentReference(uri="INBOX/0", digest="d", header_digest="h", size=10),
)
STAR: dict[str, Any] = {"id": "star", "type": "star"}
MOVE: dict[str, Any] = {"id": "mv", "type": "move_folder", "folder": "Done"}
SHUT: dict[str, Any] = {"window": {"days": ["mon"]}}


def on_original(action: dict[str, Any]) -> dict[str, Any]:
    return {**action, "id": f"{action['id']}-original", "target": "original"}


def skips(command: ActionCommand) -> list[str | None]:
    return [step.skip for step in (command.step, *command.slip)]


def test_without_an_original_its_steps_are_skipped_and_later_ones_are_not() -> None:
    rules = ruleset([rule("r", trigger="after_send", actions=[on_original(STAR), STAR, on_original(MOVE)])])
    assert [skips(command) for command in evaluate(rules, sent()).commands] == [[NO_ORIGINAL, None, NO_ORIGINAL]]
    answering = evaluate(rules, sent(original=ANSWERED)).commands
    assert [skips(command) for command in answering] == [[None, None, None]]


def test_a_run_by_hand_on_a_mail_that_came_in_knows_no_original() -> None:
    rules = ruleset([rule("r", trigger="after_send", actions=[on_original(STAR), STAR])])
    (command,) = evaluate(rules, request(event(), rule="r")).commands
    assert skips(command) == [NO_ORIGINAL, None]


@pytest.mark.parametrize(
    ("first", "second", "fight"),
    [
        (MOVE, MOVE, True),
        (on_original(MOVE), on_original(MOVE), True),
        (MOVE, on_original(MOVE), False),
        (on_original(MOVE), MOVE, False),
        (on_original(MOVE | SHUT), on_original(MOVE), False),
    ],
)
def test_moves_fight_over_the_same_mail_only(first: dict[str, Any], second: dict[str, Any], fight: bool) -> None:
    rules = [rule(each, trigger="after_send", actions=[moves]) for each, moves in (("a", first), ("b", second))]
    commands = evaluate(ruleset(rules), sent(original=ANSWERED)).commands
    assert skips(commands[1]) == ["conflict: rule a moves this message" if fight else None]


def test_a_rule_may_move_both_mails_and_wins_both() -> None:
    first = rule("a", trigger="after_send", actions=[MOVE, on_original(MOVE)])
    second = rule("b", trigger="after_send", actions=[on_original(MOVE), STAR, MOVE])
    commands = evaluate(ruleset([first, second]), sent(original=ANSWERED)).commands
    lost = "conflict: rule a moves this message"
    assert [skips(command) for command in commands] == [[None, None], [lost, None, lost]]


def test_a_move_of_an_original_that_there_is_none_of_wins_nothing() -> None:
    first = rule("a", trigger="after_send", actions=[on_original(MOVE)])
    second = rule("b", trigger="after_send", actions=[MOVE])
    assert [skips(command) for command in evaluate(ruleset([first, second]), sent()).commands] == [
        [NO_ORIGINAL],
        [None],
    ]


def test_what_counts_as_done_is_counted_for_the_original() -> None:
    rules = ruleset([rule("r", trigger="after_send", actions=[on_original(STAR), STAR])])
    (command,) = evaluate(rules, sent(original=ANSWERED)).commands
    following = command.following()
    assert following is not None
    assert (command.mail, following.mail) == (ANSWERED, command.event)
    assert command.scope_subject == f"message:{ANSWERED.event_id}"
    assert following.scope_subject == f"message:{command.event.event_id}"
    assert ActionCommand.model_validate_json(command.to_json()) == command
