"""What is called impossible never happens: the evaluator itself is asked about many mails."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluator.conditions.registry import compile_condition
from services.evaluator.dead_rules.findings import dead_rules
from services.evaluator.dead_rules.formula import Status, formula_of
from services.evaluator.dead_rules.search import Budget, refute
from services.evaluator.evaluate import evaluate
from services.evaluator.facts import Facts
from tests.unit.services.evaluator.dead_rules.material import FIRST, conditions, pairs, some_mails
from tests.unit.services.evaluator.making import condition, rule, ruleset

MAILS = some_mails(7, 400)
FACTS = [Facts(mail) for mail in MAILS]
TODAY = FIRST.date()


def held(raw: Any) -> list[bool | None]:
    """What the evaluator says of each mail."""
    ask = compile_condition(condition(raw)).asking()
    return [ask(facts)[0] for facts in FACTS]


def impossible(*formulas: tuple[Any, Status]) -> bool:
    found = [formula_of(condition(raw), status) for raw, status in formulas]
    return refute(found, Budget(20_000)) is not None


@settings(max_examples=500, deadline=None)
@given(raw=conditions)
def test_what_can_never_hold_holds_for_no_mail(raw: Any) -> None:
    answers = held(raw)
    assert not (impossible((raw, Status.TRUE)) and True in answers)
    assert not (impossible((raw, Status.FALSE)) and False in answers)
    assert not (impossible((raw, Status.NOT_TRUE)) and {False, None} & set(answers))
    assert not (impossible((raw, Status.NOT_FALSE)) and {True, None} & set(answers))


@settings(max_examples=500, deadline=None)
@given(pair=pairs)
def test_what_is_implied_holds_whenever_the_other_does(pair: tuple[Any, Any]) -> None:
    one, two = pair
    answers = list(zip(held(one), held(two), strict=True))
    if impossible((one, Status.TRUE), (two, Status.NOT_TRUE)):
        assert all(wide for narrow, wide in answers if narrow)
    if impossible((one, Status.TRUE), (two, Status.TRUE)):
        assert (True, True) not in answers


@settings(max_examples=100, deadline=None)
@given(raws=st.lists(conditions, min_size=2, max_size=4), more=pairs)
def test_a_rule_that_is_reported_acts_on_no_mail(raws: list[Any], more: tuple[Any, Any]) -> None:
    rules = [rule(f"r{n}", when=raw, order=n, stop_processing=True) for n, raw in enumerate((*more, *raws))]
    reported = {each.rule for each in dead_rules(rules, TODAY) if each.certain_mistake}
    compiled = ruleset(rules)
    for mail in MAILS[:100]:
        matched = {v.rule.id for v in evaluate(compiled, mail).decision.verdicts if v.outcome == "matched"}
        assert not matched & reported


def test_the_material_meets_every_case() -> None:
    """Else the laws above would hold of nothing."""
    seen: Counter[str] = Counter()

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(pair=pairs)
    def count(pair: tuple[Any, Any]) -> None:
        one, two = pair
        never = impossible((one, Status.TRUE))
        implied = impossible((one, Status.TRUE), (two, Status.NOT_TRUE))
        seen["never" if never else "implied" if implied else "possible"] += 1
        seen["held"] += True in held(one)

    count()
    assert all(seen[case] > 10 for case in ("never", "implied", "possible", "held")), seen
