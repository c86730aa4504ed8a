"""The index leaves out only rules that cannot match: with it and without it the same rules act."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.rule import Rule
from services.evaluator.attempt import attempt_of
from services.evaluator.evaluate import evaluate
from services.evaluator.explain import explain
from services.evaluator.facts import Facts
from services.evaluator.index.guards import Term, guard_of
from services.evaluator.index.rule_index import RuleIndex
from tests.unit.services.evaluator.making import condition, event, rule, ruleset

WORDS = ("a", "ab", "Rechnung", "STRASSE", "straße", "İ", "é", "e\u0301", " ", "x@b.example")
DOMAINS = ("b.example", "a.b.example", "bücher.example", "xn--bcher-kva.example", "@b.example", "example")
ADDRESSES = tuple(f"{local}@{domain.removeprefix('@')}" for local in ("a", "Ann") for domain in DOMAINS)

values = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
texts = st.builds(
    lambda kind, operator, found: {"type": kind, operator: found},
    st.sampled_from(["subject", "sender"]),
    st.sampled_from(["equals", "contains", "starts", "ends"]),
    values | st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=2),
)
domains = st.builds(
    lambda found, below: {"type": "sender_domain", "equals": found, "subdomains": below},
    st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=2),
    st.booleans(),
)
states = st.sampled_from(["reply", "new", "automatic"]).map(lambda state: {"type": "reply_state", "equals": state})
conditions = st.recursive(
    texts | domains | states,
    lambda inner: st.builds(
        lambda group, children: {group: children},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
subjects = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
senders = st.none() | st.sampled_from(ADDRESSES) | st.sampled_from(["no-at-sign", "x@b.example", "@"])
rules = st.lists(st.tuples(conditions, st.integers(0, 2), st.booleans()), max_size=6).map(
    lambda found: [
        rule(f"r{n}", when=when, order=order, stop_processing=stop) for n, (when, order, stop) in enumerate(found)
    ]
)


@given(found=rules, sender=senders, subject=subjects, reply=st.booleans())
@example(found=[rule("r", when={"type": "subject", "contains": ["SS"]})], sender=None, subject="straße", reply=False)
def test_the_same_rules_act_as_when_each_is_tried(
    found: list[Rule], sender: str | None, subject: str, reply: bool
) -> None:
    compiled, mail = ruleset(found), event(sender=sender, subject=subject, is_reply=reply)
    naive = [each for each in explain(compiled, attempt_of(mail)) if each.outcome == "matched"]
    assert list(evaluate(compiled, mail).decision.verdicts) == naive


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"all": []}, None),
        ({"type": "reply_state", "equals": "new"}, None),
        ({"none": [{"type": "subject", "equals": ["a"]}]}, None),
        ({"any": [{"type": "subject", "equals": ["a"]}, {"type": "attachments", "present": True}]}, None),
        ({"type": "subject", "equals": ["A", "a"]}, {Term("subject", "a")}),
        ({"type": "subject", "starts": ["Re:"]}, {Term("subject", "re:", part=True)}),
        (
            {"type": "sender_domain", "equals": ["@Bücher.example"], "subdomains": True},
            {Term("sender_domains", "xn--bcher-kva.example")},
        ),
        (
            {"all": [{"type": "subject", "contains": ["long word"]}, {"type": "sender", "equals": ["a@b.example"]}]},
            {Term("sender", "a@b.example")},
        ),
        (
            {"all": [{"type": "subject", "contains": ["a", "long word"]}, {"type": "subject", "contains": ["word"]}]},
            {Term("subject", "word", part=True)},
        ),
    ],
)
def test_the_narrowest_guard_is_chosen(raw: Any, expected: set[Term] | None) -> None:
    assert guard_of(condition(raw)) == expected


def test_a_rule_is_found_once_and_in_order() -> None:
    guards = [frozenset({Term("subject", word, part=True) for word in words}) for words in (("b", "a"), ("c",), ("a",))]
    assert list(RuleIndex([*guards, None]).candidates(Facts(event(subject="a b a")))) == [0, 2, 3]
    assert list(RuleIndex(guards).candidates(Facts(event(subject="z")))) == []
    assert list(RuleIndex([]).candidates(Facts(event()))) == []
