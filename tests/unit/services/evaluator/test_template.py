"""Decisions written piece by piece are byte for byte what the contract's own serializer writes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.kafka import Received
from runtime.outcome import Done
from schemas.command import RuleReference
from schemas.decision import Decision, Verdict
from schemas.envelope import header
from schemas.mail import MailArrived
from services.evaluator import verdicts
from services.evaluator.evaluate import Evaluation, evaluate
from services.evaluator.handlers import Handler
from services.evaluator.template import Template, json_text
from tests.unit.services.evaluator.making import event, request, rule, ruleset
from tests.unit.services.evaluator.test_groups import EVENTS, TREES

AWKWARD = '"verdicts":[],"seen":"","because":[] \\ \x00\x7f\u2028 ü 💌 </script>'
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def written(found: Evaluation) -> bytes:
    return found.complete(found.outline.to_json())


@given(st.lists(TREES, min_size=1, max_size=6), EVENTS, st.integers(0, 6))
def test_any_decision_is_written_as_its_model(trees: list[dict[str, Any]], mail: MailArrived, stops: int) -> None:
    rules = [rule(f"r{n}", tree, stop_processing=n == stops) for n, tree in enumerate(trees)]
    known = ruleset(rules)
    for _ in range(2):
        found = evaluate(known, mail)
        assert written(found) == found.decision.to_json()


@given(st.text(max_size=300))
def test_any_text_is_written_as_its_model(text: str) -> None:
    asked = {"any": [{"type": "subject", "equals": [AWKWARD]}, {"type": "sender", "contains": ["zz"]}]}
    found = evaluate(ruleset([rule("r", asked, name=AWKWARD)]), event(subject=text, sender=text))
    assert written(found) == found.decision.to_json()


def test_awkward_texts_are_no_holes() -> None:
    asked = {"all": [{"type": "subject", "starts": [AWKWARD]}, {"none": [{"type": "sender", "ends": [AWKWARD]}]}]}
    found = evaluate(ruleset([rule("r", asked, name=AWKWARD)]), event(subject=AWKWARD, sender=AWKWARD))
    assert Decision.model_validate_json(written(found)) == found.decision


def test_many_rules_and_findings_are_bounded_alike() -> None:
    wide = {"any": [{"type": "subject", "contains": [f"no{n}"]} for n in range(30)]}
    found = evaluate(ruleset([rule(f"r{n}", wide) for n in range(260)]), event())
    assert written(found) == found.decision.to_json()
    assert (len(found.decision.verdicts[0].because), len(found.decision.verdicts[-1].because)) == (20, 0)


def test_a_decision_without_rules_is_its_outline() -> None:
    found = evaluate(ruleset([]), request(event()))
    assert written(found) == found.outline.to_json() == found.decision.to_json()


def test_shapes_that_are_forgotten_come_back_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    known = ruleset([rule("r", {"type": "subject", "contains": ["a"]}), rule("s", {"type": "sender", "ends": ["b"]})])
    monkeypatch.setattr(verdicts, "MAX_KEPT_BYTES", 0)
    for subject in ("a", "b", "a", "c", "b"):
        found = evaluate(known, event(subject=subject))
        assert written(found) == found.decision.to_json()


def test_single_rules_and_all_rules_are_told_apart() -> None:
    known = ruleset([rule("a"), rule("b", trigger="manual"), rule("c")])
    for which in ("b", None, "a", "b", None):
        found = evaluate(known, request(event(), rule=which))
        wanted = [which] if which else ["a", "c"]
        assert [verdict.rule.id for verdict in found.decision.verdicts] == wanted
        assert [command.rule.id for command in found.commands] == wanted


def test_a_text_with_fewer_holes_is_an_error() -> None:
    bare = Verdict(rule=RuleReference(id="r", revision=1), outcome="matched")
    with pytest.raises(ValueError, match="0 times an empty seen, not 1"):
        Template.of(bare.model_dump_json(), "seen", json_text(""), ["subject"])
    template = Template.of(bare.model_dump_json(), "reason", json_text(""), ["why"])
    assert template.filled({"why": '"x"'}) == bare.model_copy(update={"reason": "x"}).model_dump_json()
    assert json_text("ü\n") == '"ü\\n"'


@pytest.mark.parametrize("exported", [True, False])
def test_a_trace_that_nobody_sees_is_passed_on_as_it_came(exported: bool) -> None:
    sent = (("traceparent", TRACE.encode()), ("tracestate", b"a=b"), ("other", b"x"))
    for carried in (sent, ()):
        record = Received("mail-arrived", 0, 0, b"k", event().to_json(), carried, 0)
        outcome = Handler(lambda: ruleset([rule("r")]), exported=exported).handle(record)
        assert isinstance(outcome, Done)
        parents = {header(each.headers, "traceparent") for each in outcome.records}
        assert len(parents) == 1
        if carried:
            assert parents.pop().split("-")[1] == TRACE.split("-")[1]
            assert (header(outcome.records[0].headers, "tracestate"), len(outcome.records)) == ("a=b", 2)
            assert exported or header(outcome.records[0].headers, "traceparent") == TRACE
