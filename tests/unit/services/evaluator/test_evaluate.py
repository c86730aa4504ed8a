"""One event against the rules: order, stop, conflicts, switches, requests; one decision, always the same bytes."""

from datetime import timedelta, tzinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decision import Decision
from schemas.ids import command_id, decision_id
from schemas.mail import MailArrived
from schemas.rule import Rule
from services.evaluator.evaluate import Evaluation, evaluate
from tests.unit.services.evaluator.making import NOON, event, mailbox, request, rule, ruleset, sent

NEVER = {"type": "subject", "contains": ["nothing of the kind"]}
MOVE = [{"id": "tag", "type": "tag", "add": ["a"]}, {"id": "mv", "type": "move_folder", "folder": "Archive"}]


def outcomes(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(verdict.rule.id, verdict.outcome) for verdict in evaluation.decision.verdicts]


def test_a_match_gives_one_command_with_the_rest_as_its_slip() -> None:
    rules = ruleset([rule("r", actions=MOVE, on_error="continue")])
    found = evaluate(rules, event())
    (command,) = found.commands
    assert (command.step.action.id, [step.action.id for step in command.slip]) == ("tag", ["mv"])
    assert (command.run, command.trigger, command.on_error) == ("live", "incoming", "continue")
    assert command.rule.model_dump() == {"id": "r", "revision": 1, "name": "r"}
    assert command.decision_id == found.decision.decision_id == decision_id(event().event_id, "live", 3)
    (emitted,) = found.decision.commands
    assert emitted.command_id == command.command_id == command_id(event().event_id, "live", "r", "tag")
    assert found.decision.outcome == "commands"


def test_rules_are_tried_by_order_then_id() -> None:
    rules = ruleset([rule("b", order=5), rule("a", order=5), rule("z", order=1), rule("c", order=9, when=NEVER)])
    found = evaluate(rules, event())
    assert outcomes(found) == [("z", "matched"), ("a", "matched"), ("b", "matched")]
    assert found.decision.verdicts_omitted == 1


def test_a_match_that_stops_leaves_later_rules_untried() -> None:
    rules = ruleset(
        [rule("a", order=1, when=NEVER, stop_processing=True), rule("b", order=2, stop_processing=True), rule("c")]
    )
    found = evaluate(rules, event())
    assert outcomes(found) == [("b", "matched")]
    assert found.decision.verdicts_omitted == 2
    assert [command.rule.id for command in found.commands] == ["b"]


def test_of_two_moves_the_first_rule_wins_and_the_rest_of_the_loser_stays() -> None:
    rules = ruleset([rule("a", order=1), rule("b", order=2, actions=MOVE), rule("c", order=3, actions=MOVE)])
    _, winner, loser = evaluate(rules, event()).commands
    assert [step.skip for step in (winner.step, *winner.slip)] == [None, None]
    assert [step.skip for step in (loser.step, *loser.slip)] == [None, "conflict: rule b moves this message"]


def test_a_rule_that_does_not_match_does_not_win_a_move() -> None:
    rules = ruleset([rule("a", order=1, actions=MOVE, when=NEVER), rule("b", order=2, actions=MOVE)])
    (command,) = evaluate(rules, event()).commands
    assert [step.skip for step in command.slip] == [None]


@pytest.mark.parametrize(
    ("rules", "box", "expected"),
    [
        ([], {}, "no_rules"),
        ([rule("r", trigger="after_send")], {}, "no_rules"),
        ([rule("r", trigger="manual")], {}, "no_rules"),
        ([rule("r", enabled=False)], {}, "no_rules"),
        ([rule("r", mailbox="sales")], {}, "no_rules"),
        ([rule("r", when=NEVER)], {}, "no_match"),
        ([rule("r")], {"automation": False}, "mailbox_off"),
        ([rule("r")], {"incoming": False}, "mailbox_off"),
        ([rule("r")], {"after_send": False}, "commands"),
        ([rule("r")], {"id": "sales"}, "mailbox_unknown"),
    ],
)
def test_there_is_one_decision_whatever_there_is_to_try(rules: list[Rule], box: dict[str, Any], expected: str) -> None:
    found = evaluate(ruleset(rules, mailbox(**({"identity": box.pop("id")} if "id" in box else {}), **box)), event())
    assert found.decision.outcome == expected
    assert bool(found.commands) is (expected == "commands")


def test_sent_mail_is_for_after_send_rules() -> None:
    rules = ruleset([rule("in"), rule("out", trigger="after_send")])
    found = evaluate(rules, sent())
    assert (found.decision.trigger, found.decision.direction) == ("after_send", "outgoing")
    assert outcomes(found) == [("out", "matched")]
    assert evaluate(
        ruleset([rule("out", trigger="after_send")], mailbox(after_send=False)), sent()
    ).decision.outcome == ("mailbox_off")


@pytest.mark.parametrize(
    "wanted", [rule("r", enabled=False), rule("r", trigger="after_send"), rule("r", trigger="manual")]
)
def test_a_manual_run_tries_one_rule_whatever_its_trigger_even_disabled(wanted: Rule) -> None:
    found = evaluate(ruleset([wanted, rule("other")]), request(event(), rule="r", force=True))
    (command,) = found.commands
    assert outcomes(found) == [("r", "matched")]
    assert (command.trigger, command.run, command.force, command.dry_run) == ("manual", "run-1", True, False)


def test_a_manual_run_still_asks_the_conditions() -> None:
    found = evaluate(ruleset([rule("r", when=NEVER), rule("other")]), request(event(), rule="r"))
    assert found.decision.outcome == "no_match"
    assert outcomes(found) == [("r", "not_matched")]
    assert found.decision.verdicts[0].because[0].seen == "Invoice 4711"


def test_a_manual_run_of_a_rule_of_another_mailbox_is_unknown() -> None:
    rules = ruleset([rule("r", mailbox="sales")], mailbox("sales"), mailbox("support"))
    assert evaluate(rules, request(event(), rule="r")).decision.outcome == "rule_unknown"


def test_on_a_mailbox_that_is_off_only_a_dry_run_of_one_rule_is_made() -> None:
    rules = ruleset([rule("r")], mailbox(automation=False))
    assert evaluate(rules, request(event(), rule="r")).decision.outcome == "mailbox_off"
    assert evaluate(rules, request(event(), dry_run=True)).decision.outcome == "mailbox_off"
    found = evaluate(rules, request(event(), rule="r", dry_run=True))
    assert found.decision.dry_run
    assert [command.dry_run for command in found.commands] == [True]


def test_a_replay_tries_the_active_rules_in_its_own_run_and_time() -> None:
    later = NOON + timedelta(days=3)
    found = evaluate(ruleset([rule("r"), rule("s", enabled=False)]), request(event(), requested_at=later))
    assert outcomes(found) == [("r", "matched")]
    assert (found.decision.run, found.decision.run_at, found.decision.trigger) == ("run-1", later, "incoming")
    assert evaluate(ruleset([]), event()).decision.run_at == NOON


def test_rules_that_did_not_match_are_counted() -> None:
    many = [rule(f"r{n:04}", order=n, when=NEVER) for n in range(250)]
    decision = evaluate(ruleset([*many, rule("last", order=9999)]), event(subject="\x01" * 5000)).decision
    assert ([each.rule.id for each in decision.verdicts], decision.verdicts_omitted) == (["last"], 250)
    assert len(decision.to_json()) < 2_000


def test_a_decision_stays_small_whatever_the_rules_are() -> None:
    leaves = [{"type": "subject", "contains": ["\x01" * 500]} for _ in range(190)]
    many = [rule(f"r{n:04}", when={"all": leaves}) for n in range(100)]
    found = evaluate(ruleset(many), event(subject="\x01" * 5000))
    assert len(found.commands) == 100
    assert len(found.decision.to_json()) < 1_000_000


RULES = st.lists(
    st.builds(
        lambda number, order, word, stop, moves: rule(
            f"r{number}",
            order=order,
            when={"type": "subject", "contains": [word]},
            stop_processing=stop,
            actions=MOVE if moves else [{"id": "s", "type": "star"}],
        ),
        st.integers(0, 50),
        st.integers(0, 3),
        st.sampled_from(["a", "b", "c"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)
MAILS = st.text("abc", max_size=4).map(lambda subject: event(subject=subject))


@given(RULES, MAILS, st.randoms())
def test_the_same_input_gives_the_same_bytes_in_whatever_order_rules_came(
    rules: list[Rule], mail: MailArrived, random: Any
) -> None:
    first = evaluate(ruleset(rules), mail)
    shuffled = random.sample(rules, len(rules))
    again = evaluate(ruleset(shuffled), MailArrived.model_validate_json(mail.to_json()))
    assert again.decision.to_json() == first.decision.to_json()
    assert [each.to_json() for each in again.commands] == [each.to_json() for each in first.commands]
    assert Decision.model_validate_json(first.decision.to_json()) == first.decision


@given(RULES, MAILS, st.timezones(), st.sampled_from(["sales", "support"]))
def test_a_decision_is_what_validation_would_make_of_its_values(
    rules: list[Rule], mail: MailArrived, zone: tzinfo, box: str
) -> None:
    later = mail.model_copy(update={"received_at": mail.received_at.astimezone(zone), "mailbox": box})
    for subject in (later, request(later), request(later, rule="r1", dry_run=True)):
        made = evaluate(ruleset(rules), subject).decision
        checked = Decision.model_validate(dict(made), strict=True)
        assert list(vars(made)) == list(Decision.model_fields)
        assert (made, made.model_fields_set) == (checked, checked.model_fields_set)
        assert made.to_json() == checked.to_json()


@given(RULES, MAILS)
def test_decision_and_commands_agree_and_at_most_one_rule_moves(rules: list[Rule], mail: MailArrived) -> None:
    found = evaluate(ruleset(rules), mail)
    matched = [verdict.rule.id for verdict in found.decision.verdicts if verdict.outcome == "matched"]
    ordered = [each for each in sorted(rules, key=lambda r: (r.order, r.id)) if each.when.values[0] in mail.subject]  # type: ignore[union-attr]
    stop = next((n for n, each in enumerate(ordered) if each.stop_processing), len(ordered))
    assert matched == [command.rule.id for command in found.commands] == [each.id for each in ordered[: stop + 1]]
    assert len(found.decision.verdicts) + found.decision.verdicts_omitted == len(rules)
    steps = [step for command in found.commands for step in (command.step, *command.slip)]
    moving = [step for step in steps if step.action.type == "move_folder"]
    assert sum(step.skip is None for step in moving) == bool(moving)
