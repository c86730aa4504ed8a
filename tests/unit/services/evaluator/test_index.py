"""The index leaves out only rules that cannot match: with it and without it the same rules act."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.mail import Address, MailArrived
from schemas.rule import Rule
from services.evaluator.attempt import attempt_of
from services.evaluator.conditions.registry import compile_condition
from services.evaluator.evaluate import decide, evaluate
from services.evaluator.explain import explain
from services.evaluator.facts import Facts
from services.evaluator.index import looks
from services.evaluator.index.guards import Term, guard_of
from services.evaluator.index.rule_index import RuleIndex
from tests.unit.services.evaluator.making import condition, event, mailbox, rule, ruleset

WORDS = ("a", "ab", "Rechnung", "STRASSE", "straße", "İ", "é", "e\u0301", " ", "x@b.example")
DOMAINS = ("b.example", "a.b.example", "bücher.example", "xn--bcher-kva.example", "@b.example", "example")
ADDRESSES = tuple(f"{local}@{domain.removeprefix('@')}" for local in ("a", "Ann") for domain in DOMAINS)

HEADERS = ("List-Id", "X-Note", "x-note")

values = st.lists(st.sampled_from((*WORDS, "a  b")), min_size=1, max_size=3)
addresses = st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=2)


def leaves(**fixed: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions of one kind that compare text in one of the ways that have a guard, or with a pattern."""
    operators = st.sampled_from(["equals", "contains", "starts", "ends"])
    return st.builds(lambda operator, found: {**fixed, operator: found}, operators, values | addresses) | st.just(
        {**fixed, "matches": ["^a"]}
    )


texts = st.one_of(
    leaves(type="subject"),
    leaves(type="sender"),
    leaves(type="excerpt"),
    *(leaves(type="recipient", **{"in": where}) for where in ("to", "cc", "any")),
    *(leaves(type="header", name=name) for name in HEADERS),
)
presence = st.booleans().flatmap(
    lambda present: st.sampled_from(
        [
            {"type": "header", "name": "X-NOTE", "present": present},
            {"type": "attachments", "present": present},
            {"type": "attachments", "present": present, "larger_than": 1},
        ]
    )
)
domains = st.builds(
    lambda found, below: {"type": "sender_domain", "equals": found, "subdomains": below},
    st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=2),
    st.booleans(),
)
states = st.sampled_from(["reply", "new", "automatic"]).map(lambda state: {"type": "reply_state", "equals": state})
conditions = st.recursive(
    texts | presence | domains | states,
    lambda inner: st.builds(
        lambda group, children: {group: children},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
lines = st.lists(st.sampled_from((*WORDS, "\n\t")), max_size=4).map("".join)
senders = st.none() | st.sampled_from(ADDRESSES) | st.sampled_from(["no-at-sign", "x@b.example", "@"])
recipients = st.lists(st.sampled_from(ADDRESSES).map(lambda address: Address(address=address)), max_size=2).map(tuple)
mails = st.builds(
    lambda sender, subject, attachments, reply, fields: event(
        sender=sender, subject=subject, attachments=attachments, is_reply=reply
    ).model_copy(update=fields),
    senders,
    lines,
    st.integers(0, 1),
    st.booleans(),
    st.fixed_dictionaries(
        {},
        optional={
            "to": recipients,
            "cc": recipients,
            "headers": st.lists(st.tuples(st.sampled_from(HEADERS), lines), max_size=3).map(tuple),
            "excerpt": lines,
        },
    ),
)
rules = st.lists(st.tuples(conditions, st.integers(0, 2), st.booleans()), max_size=6).map(
    lambda found: [
        rule(f"r{n}", when=when, order=order, stop_processing=stop) for n, (when, order, stop) in enumerate(found)
    ]
)


@settings(max_examples=300, deadline=None)
@given(found=rules, mail=mails)
@example(found=[rule("r", when={"type": "subject", "contains": ["SS"]})], mail=event(subject="straße"))
def test_the_same_rules_act_as_when_each_is_tried(found: list[Rule], mail: MailArrived) -> None:
    compiled = ruleset(found)
    naive = [each for each in explain(compiled, attempt_of(mail)) if each.outcome == "matched"]
    assert list(evaluate(compiled, mail).decision.verdicts) == naive


@settings(max_examples=300, deadline=None)
@given(found=rules, mail=mails, on=st.booleans())
def test_a_mail_that_no_rule_can_match_is_decided_as_any_other(found: list[Rule], mail: MailArrived, on: bool) -> None:
    compiled = ruleset(found, mailbox(incoming=on))
    quick, slow = evaluate(compiled, mail), decide(compiled, attempt_of(mail), Facts(mail))
    assert (quick.draft.to_json(), quick.commands) == (slow.draft.to_json(), slow.commands)
    assert quick.decision.to_json() == quick.draft.to_json()


def holding(text: str) -> Iterator[MailArrived]:
    """Mails that have the text in one place each."""
    address = (Address(address=text),)
    yield from (event(sender=text), event(subject=text))
    for fields in ({"to": address}, {"cc": address}, {"excerpt": text}, {"headers": (("X-Note", text),)}):
        yield event().model_copy(update=fields)


@pytest.mark.parametrize("operator", ["equals", "contains", "starts", "ends"])
@pytest.mark.parametrize(
    "fixed",
    [
        *({"type": kind} for kind in ("sender", "subject", "excerpt", "recipient")),
        *({"type": "recipient", "in": where} for where in ("to", "cc")),
        {"type": "header", "name": "x-NOTE"},
    ],
)
def test_no_mail_is_missed_for_which_a_condition_holds(fixed: dict[str, Any], operator: str) -> None:
    spellings = (*WORDS, *ADDRESSES, "a  b", "A\nb")
    seen = [Facts(mail) for text in spellings for mail in holding(text)]
    met = [value for value in spellings if all_found({**fixed, operator: [value]}, seen)]
    assert len(met) > len(spellings) / 2


@pytest.mark.parametrize("below", [False, True])
def test_no_sender_is_missed_whose_domain_is_asked_for(below: bool) -> None:
    seen = [Facts(event(sender=address)) for address in ADDRESSES]
    met = [
        each for each in DOMAINS if all_found({"type": "sender_domain", "equals": [each], "subdomains": below}, seen)
    ]
    assert len(met) > len(DOMAINS) / 2


def all_found(raw: dict[str, Any], seen: list[Facts]) -> int:
    """For how many mails a condition holds; the index finds them all."""
    when = condition(raw)
    index, check = RuleIndex([guard_of(when)]), compile_condition(when)
    held = [facts for facts in seen if check.holds(facts)]
    assert all(index.candidates(facts) for facts in held)
    return len(held)


@given(when=texts | domains | presence.filter(lambda leaf: leaf["present"]))
def test_every_kind_that_names_what_a_mail_must_have_is_guarded(when: dict[str, Any]) -> None:
    assert (guard_of(condition(when)) is None) == ("matches" in when)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"all": []}, None),
        ({"type": "reply_state", "equals": "new"}, None),
        ({"none": [{"type": "subject", "equals": ["a"]}]}, None),
        ({"any": [{"type": "subject", "equals": ["a"]}, {"type": "attachments", "present": False}]}, None),
        ({"type": "subject", "equals": ["A", "a"]}, {Term(looks.SUBJECT, "a")}),
        ({"type": "subject", "starts": ["Re:"]}, {Term(looks.SUBJECT, "re:", part=True)}),
        (
            {"type": "sender_domain", "equals": ["@Bücher.example"], "subdomains": True},
            {Term(looks.SENDER_DOMAINS, "xn--bcher-kva.example")},
        ),
        (
            {"all": [{"type": "subject", "contains": ["long word"]}, {"type": "sender", "equals": ["a@b.example"]}]},
            {Term(looks.SENDER, "a@b.example")},
        ),
        (
            {"all": [{"type": "subject", "contains": ["a", "long word"]}, {"type": "subject", "contains": ["word"]}]},
            {Term(looks.SUBJECT, "word", part=True)},
        ),
        (
            {
                "all": [
                    {"type": "attachments", "present": True},
                    {"type": "excerpt", "contains": ["a very long passage"]},
                    {"type": "header", "name": "List-Id", "ends": ["b"]},
                ]
            },
            {Term(looks.header("list-id"), "b", part=True)},
        ),
    ],
)
def test_the_narrowest_guard_is_chosen(raw: Any, expected: set[Term] | None) -> None:
    assert guard_of(condition(raw)) == expected


def test_a_rule_is_found_once_and_in_order() -> None:
    guards = [
        frozenset({Term(looks.SUBJECT, word, part=True) for word in words}) for words in (("b", "a"), ("c",), ("a",))
    ]
    assert list(RuleIndex([*guards, None]).candidates(Facts(event(subject="a b a")))) == [0, 2, 3]
    assert list(RuleIndex(guards).candidates(Facts(event(subject="z")))) == []
    assert list(RuleIndex([]).candidates(Facts(event()))) == []
