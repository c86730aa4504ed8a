"""all / any / none: the laws of logic, an oracle that knows nothing of the compiled form, and explanations."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.condition import members
from schemas.mail import MailArrived
from services.evaluator.conditions.registry import compile_condition
from services.evaluator.facts import Facts
from tests.unit.services.evaluator.making import condition, event

WORDS = st.sampled_from(["a", "b", "ab", "ba", "aB", "ß", "SS", "é", "e\u0301"])
LEAVES = st.one_of(
    st.builds(
        lambda op, values: {"type": "subject", op: values},
        st.sampled_from(["equals", "contains", "starts", "ends"]),
        st.lists(WORDS, min_size=1, max_size=3),
    ),
    st.builds(lambda present: {"type": "attachments", "present": present}, st.booleans()),
    st.builds(lambda word: {"type": "reply_state", "equals": word}, st.sampled_from(["reply", "new"])),
    st.builds(
        lambda domain, below: {"type": "sender_domain", "equals": [domain], "subdomains": below},
        st.sampled_from(["example.com", "a.example.com", "com"]),
        st.booleans(),
    ),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items: {"all": items}, st.lists(inner, max_size=3)),
        st.builds(lambda items: {"any": items}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda items: {"none": items}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=12,
)
EVENTS = st.builds(
    lambda subject, attachments, reply, sender: event(
        subject=subject, attachments=attachments, is_reply=reply, sender=sender
    ),
    st.lists(WORDS, max_size=3).map("".join),
    st.integers(0, 1),
    st.booleans(),
    st.sampled_from([None, "x@example.com", "x@a.example.com", "x@b.a.example.com"]),
)


def oracle(raw: dict[str, Any], mail: MailArrived) -> bool:
    """What the condition means, said as directly as possible."""
    if "all" in raw:
        return all(oracle(each, mail) for each in raw["all"])
    if "any" in raw:
        return any(oracle(each, mail) for each in raw["any"])
    if "none" in raw:
        return not any(oracle(each, mail) for each in raw["none"])
    return leaf_oracle(raw, mail)


def leaf_oracle(raw: dict[str, Any], mail: MailArrived) -> bool:
    if raw["type"] == "attachments":
        return bool(mail.attachments) is raw["present"]
    if raw["type"] == "reply_state":
        return mail.reply_state.is_reply is (raw["equals"] == "reply")
    if raw["type"] == "sender_domain":
        domain = mail.sender.address.split("@")[1] if mail.sender else "nowhere"
        wanted: str = raw["equals"][0]
        return domain == wanted or (raw["subdomains"] is True and domain.endswith("." + wanted))
    subject = same(mail.subject)
    tests: dict[str, Callable[[str], bool]] = {
        "equals": lambda value: subject == value,
        "contains": lambda value: value in subject,
        "starts": lambda value: subject[: len(value)] == value,
        "ends": lambda value: subject[len(subject) - len(value) :] == value and len(value) <= len(subject),
    }
    (operator,) = set(raw) - {"type"}
    return any(tests[operator](same(value)) for value in raw[operator])


def same(text: str) -> str:
    for old, new in (("ß", "ss"), ("e\u0301", "é"), ("S", "s"), ("B", "b")):
        text = text.replace(old, new)
    return text


def holds(raw: dict[str, Any], mail: MailArrived) -> bool:
    return compile_condition(condition(raw)).holds(Facts(mail))


@given(TREES, EVENTS)
def test_equals_the_oracle(raw: dict[str, Any], mail: MailArrived) -> None:
    assert holds(raw, mail) is oracle(raw, mail)


@given(st.lists(TREES, min_size=1, max_size=3), EVENTS)
def test_de_morgan(parts: list[dict[str, Any]], mail: MailArrived) -> None:
    negated = [{"none": [part]} for part in parts]
    assert holds({"none": parts}, mail) is holds({"all": negated}, mail)
    assert holds({"none": [{"all": parts}]}, mail) is holds({"any": negated}, mail)


@given(TREES, TREES, EVENTS)
def test_order_does_not_matter_and_a_double_negation_is_none(
    one: dict[str, Any], two: dict[str, Any], mail: MailArrived
) -> None:
    for group in ("all", "any", "none"):
        assert holds({group: [one, two]}, mail) is holds({group: [two, one]}, mail)
    assert holds({"none": [{"none": [one]}]}, mail) is holds(one, mail)
    assert holds({"all": [one, {"any": [one, two]}]}, mail) is holds(one, mail)


@given(TREES, EVENTS)
def test_the_findings_lead_to_leaves_and_say_what_they_are(raw: dict[str, Any], mail: MailArrived) -> None:
    for finding in compile_condition(condition(raw)).findings(Facts(mail)):
        leaf = follow(raw, finding.path)
        assert finding.held is oracle(leaf, mail)


@given(TREES, EVENTS)
def test_the_findings_alone_settle_it(raw: dict[str, Any], mail: MailArrived) -> None:
    """Whatever the other leaves were, the tree would be the same: so the explanation is complete."""
    check = compile_condition(condition(raw))
    settled = {finding.path: finding.held for finding in check.findings(Facts(mail))}
    for others in (True, False):
        assert with_answers(raw, settled, "", others) is check.holds(Facts(mail))


def with_answers(raw: dict[str, Any], settled: dict[str, bool], path: str, others: bool) -> bool:
    if "type" in raw:
        return settled.get(path + raw["type"], others)
    (group,) = raw
    answers = [with_answers(each, settled, f"{path}{group}[{n}].", others) for n, each in enumerate(raw[group])]
    return {"all": all(answers), "any": any(answers), "none": not any(answers)}[group]


def follow(raw: dict[str, Any], path: str) -> dict[str, Any]:
    *groups, kind = path.split(".")
    for group in groups:
        name, number = group.rstrip("]").split("[")
        raw = raw[name][int(number)]
    assert raw["type"] == kind
    return raw


@pytest.mark.parametrize(
    ("raw", "paths"),
    [
        ({"all": []}, []),
        (
            {"all": [{"type": "attachments", "present": False}, {"type": "subject", "contains": ["zz"]}]},
            ["all[1].subject"],
        ),
        (
            {"any": [{"type": "subject", "contains": ["zz"]}, {"none": [{"type": "subject", "contains": ["yy"]}]}]},
            ["any[1].none[0].subject"],
        ),
        (
            {"any": [{"type": "subject", "contains": ["zz"]}, {"type": "sender", "equals": ["q"]}]},
            ["any[0].subject", "any[1].sender"],
        ),
    ],
)
def test_only_the_leaves_that_settled_it_are_named(raw: dict[str, Any], paths: list[str]) -> None:
    found = compile_condition(condition(raw)).findings(Facts(event(subject="abc")))
    assert [finding.path for finding in found] == paths


def test_a_deep_and_wide_tree_is_evaluated() -> None:
    raw: dict[str, Any] = {"type": "subject", "contains": ["invoice"]}
    for _ in range(10):
        raw = {"none": [raw]}
    assert holds(raw, event())
    assert len(members(condition({"any": [raw] * 40}))) == 40
