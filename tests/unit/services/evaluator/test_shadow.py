"""A rule in `mode: shadow` is decided and logged, and never acts. A backlog applies a rule as live mail would."""

from services.evaluator.evaluate import evaluate
from tests.unit.services.evaluator.making import event, request, rule, ruleset, sent

SHADOW = rule("s", order=1, mode="shadow", stop_processing=True)


def test_it_is_listed_stops_nothing_and_does_nothing() -> None:
    found = evaluate(ruleset([SHADOW, rule("z", order=2)]), event())
    assert [(each.rule.id, each.outcome, each.shadow) for each in found.decision.verdicts] == [
        ("s", "matched", True),
        ("z", "matched", False),
    ]
    assert [command.rule.id for command in found.commands] == ["z"]


def test_alone_it_gives_no_command_also_by_hand_but_may_be_tried_dry() -> None:
    rules = ruleset([SHADOW])
    assert evaluate(rules, event()).decision.outcome == "no_match"
    assert not evaluate(rules, request(event(), rule="s")).commands
    assert len(evaluate(rules, request(event(), rule="s", dry_run=True)).commands) == 1


def test_a_move_of_a_watched_rule_takes_no_mail_from_others() -> None:
    move = [{"id": "mv", "type": "move_folder", "folder": "A"}]
    rules = ruleset([rule("s", order=1, mode="shadow", actions=move), rule("z", order=2, actions=move)])
    (command,) = evaluate(rules, event()).commands
    assert (command.rule.id, command.step.skip) == ("z", None)


def test_a_backlog_is_decided_with_the_trigger_of_the_mail_and_only_while_the_rule_is_on() -> None:
    rules = ruleset([rule("on"), rule("off", enabled=False), rule("out", trigger="after_send")])
    found = evaluate(rules, request(event(), rule="on", backlog=True))
    assert (found.decision.trigger, len(found.commands)) == ("incoming", 1)
    for other in ("off", "out"):
        assert evaluate(rules, request(event(), rule=other, backlog=True)).decision.outcome == "no_rules"
    assert len(evaluate(rules, request(sent(), rule="out", backlog=True)).commands) == 1
