"""Windows in slips: what is outside is skipped, the rest goes on, and a move that is skipped wins no fight."""

from typing import Any

import pytest

from schemas.command import ActionCommand
from services.evaluator.evaluate import evaluate
from tests.unit.services.evaluator.making import event, request, rule, ruleset

SUNDAY = {"days": ["sun"]}
MONDAY = {"days": ["mon"]}
SHUT = "outside window: received on Sunday, 2026-03-01 12:00; it acts only Monday (UTC)"
TAG: dict[str, Any] = {"id": "tag", "type": "tag", "add": ["a"]}
STAR: dict[str, Any] = {"id": "star", "type": "star"}
MOVE: dict[str, Any] = {"id": "mv", "type": "move_folder", "folder": "Archive"}


def skips(command: ActionCommand) -> list[str | None]:
    return [step.skip for step in (command.step, *command.slip)]


def test_an_action_outside_of_its_window_is_skipped_and_the_next_ones_are_not() -> None:
    actions = [{**TAG, "window": MONDAY}, {**STAR, "window": SUNDAY}, MOVE]
    found = evaluate(ruleset([rule("r", actions=actions)]), event())
    assert [skips(command) for command in found.commands] == [[SHUT, None, None]]
    assert found.decision.commands[0].action == "tag"


@pytest.mark.parametrize("force", [False, True])
def test_a_run_by_hand_keeps_to_windows(force: bool) -> None:
    rules = ruleset([rule("r", actions=[{**STAR, "window": MONDAY}])])
    (command,) = evaluate(rules, request(event(), rule="r", force=force)).commands
    assert skips(command) == [SHUT]


def test_a_move_outside_of_its_window_leaves_the_mail_to_the_next_rule() -> None:
    first, second = rule("a", order=1, actions=[{**MOVE, "window": MONDAY}]), rule("b", order=2, actions=[TAG, MOVE])
    third = rule("c", order=3, actions=[MOVE])
    commands = evaluate(ruleset([first, second, third]), event()).commands
    assert [skips(command) for command in commands] == [
        [SHUT],
        [None, None],
        ["conflict: rule b moves this message"],
    ]


def test_a_later_move_outside_of_its_window_says_so() -> None:
    first, second = rule("a", order=1, actions=[MOVE]), rule("b", order=2, actions=[{**MOVE, "window": MONDAY}])
    commands = evaluate(ruleset([first, second]), event()).commands
    assert [skips(command) for command in commands] == [[None], [SHUT]]
