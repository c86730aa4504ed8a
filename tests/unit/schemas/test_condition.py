"""Condition trees: bounded before anything recurses, typed leaves, errors that name the place."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.condition import MAX_DEPTH, MAX_LEAVES, AllOf, Condition, HeaderIs, SubjectIs, check_shape, members

CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
LEAF = {"type": "attachments", "present": True}


def nested(depth: int) -> dict[str, Any]:
    """A tree of that many levels, its leaf counted."""
    node: dict[str, Any] = dict(LEAF)
    for _ in range(depth - 1):
        node = {"all": [node]}
    return node


def test_depth_is_bounded() -> None:
    assert check_shape(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(ValueError, match="deeper than 12 levels; flatten"):
        check_shape(nested(MAX_DEPTH + 1))


def test_a_tree_of_any_depth_is_refused_without_recursion() -> None:
    with pytest.raises(ValueError, match="deeper"):
        check_shape(nested(100_000))


def test_size_is_bounded() -> None:
    groups = [{"any": [LEAF] * 100} for _ in range(MAX_LEAVES // 100)]
    check_shape({"all": groups})
    with pytest.raises(ValueError, match="more than 500 conditions"):
        check_shape({"all": [*groups, LEAF]})


@pytest.mark.parametrize("value", [None, 5, "all", [], {}, {"all": 7}, {"all": {"any": []}}])
def test_what_is_no_tree_is_left_to_the_models(value: Any) -> None:
    check_shape(value)
    with pytest.raises(ValidationError):
        CONDITION.validate_python(value)


@pytest.mark.parametrize(
    ("leaf", "message"),
    [
        ({"type": "subject"}, "exactly one of equals, contains, starts, ends, matches; found none"),
        ({"type": "subject", "equals": ["a"], "ends": ["b"]}, "found equals, ends"),
        ({"type": "subject", "equals": []}, "at least 1 item"),
        ({"type": "subject", "equals": [""]}, "at least 1 character"),
        ({"type": "subject", "equal": ["a"]}, "Extra inputs are not permitted"),
        ({"type": "sender_domain", "contains": ["a"]}, "Field required"),
        ({"type": "recipient", "in": "to"}, "exactly one of equals"),
        ({"type": "recipient", "in": "bcc", "equals": ["a"]}, "'to', 'cc' or 'any'"),
        ({"type": "recipient", "where": "to", "equals": ["a"]}, "Extra inputs"),
        ({"type": "header", "name": "List-Id"}, "exactly one of .*matches, present; found none"),
        ({"type": "header", "name": "List-Id", "present": True, "equals": ["a"]}, "found equals, present"),
        ({"type": "header", "name": "List-Id:", "present": True}, "without its colon; found ':'"),
        ({"type": "header", "name": "List Id", "present": True}, "found ' '"),
        ({"type": "header", "name": "Betreff-ü", "present": True}, "found '.xfc'"),
        ({"type": "header", "name": "X-a\r\nBcc", "present": True}, "found '.n'"),
        ({"type": "header", "name": "", "present": True}, "at least 1 character"),
        ({"type": "header", "name": "x" * 101, "present": True}, "at most 100 characters"),
        ({"type": "header", "present": True}, "Field required"),
        ({"type": "excerpt", "contain": ["a"]}, "Extra inputs"),
        ({"type": "subject", "matches": ["x" * 501]}, "at most 500 characters"),
        ({"type": "subject", "matches": ["x"] * 21}, "at most 20 items"),
        ({"type": "subject", "matches": [r"(a)\1"]}, "back-references are not supported"),
        ({"type": "attachments", "present": "perhaps"}, "valid boolean"),
        ({"type": "attachments", "present": True, "larger_than": "2 MX"}, "write a size as bytes"),
        ({"type": "attachments", "present": True, "larger_than": -1}, "greater than or equal to 0"),
        ({"type": "attachments", "present": True, "larger_than": 5, "smaller_than": 6}, "no size is both"),
        ({"type": "attachments", "present": True, "content_type": ["pdf"]}, "should match pattern"),
        ({"type": "attachments", "present": True, "name": {}}, "exactly one of equals"),
        ({"type": "date"}, "give on_or_after, before or both"),
        ({"type": "date", "before": "2026-01-01", "on_or_after": "2026-01-01"}, "must be later than on_or_after"),
        ({"type": "date", "before": 20260101}, "write a date as 2026-12-31"),
        ({"type": "date", "before": "2026-01-01", "time_zone": "Mars/Base"}, "unknown time zone"),
        ({"type": "business_hours"}, "give at least one of days"),
        ({"type": "business_hours", "from": "9:00"}, "write a time as"),
        ({"type": "business_hours", "from": "09:00", "to": "09:00"}, "cover the whole day"),
        ({"type": "business_hours", "days": ["monday"]}, "'mon', 'tue'"),
        ({"type": "business_hours", "from": "09:00", "time_zone": "../etc/passwd"}, "unknown time zone"),
        ({"type": "reply_state", "equals": "old"}, "Input should be 'reply'"),
        ({"type": "weather", "equals": ["rain"]}, "weather"),
        ({"any": []}, "at least 1 item"),
        ({"none": []}, "at least 1 item"),
        ({"all": [], "any": [LEAF]}, "Extra inputs"),
    ],
)
def test_bad_conditions_say_what_is_wrong(leaf: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CONDITION.validate_python(leaf)


def test_errors_lead_to_the_place() -> None:
    with pytest.raises(ValidationError) as caught:
        CONDITION.validate_python({"all": [LEAF, {"none": [{"type": "subject", "contains": [""]}]}]})
    assert caught.value.errors()[0]["loc"] == ("all", "all", 1, "none", "none", 0, "subject", "contains", 0)


def test_leaves_know_their_operator_and_groups_their_members() -> None:
    leaf = CONDITION.validate_python({"type": "subject", "starts": ["Re:", "Fwd:"]})
    assert isinstance(leaf, SubjectIs)
    assert (leaf.operator, leaf.values) == ("starts", ("Re:", "Fwd:"))
    for group in ("all", "any", "none"):
        tree = CONDITION.validate_python({group: [LEAF, LEAF]})
        assert len(members(tree)) == 2
    assert members(leaf) == ()
    assert CONDITION.validate_python({"all": []}) == AllOf(all=())


def test_a_tree_survives_its_json() -> None:
    tree = CONDITION.validate_python({"any": [{"none": [LEAF]}, {"type": "sender", "ends": ["@x.example"]}]})
    assert CONDITION.validate_json(CONDITION.dump_json(tree)) == tree


@pytest.mark.parametrize(
    "leaf",
    [
        {"type": "recipient", "matches": ["^sales@"], "in": "cc"},
        {"type": "header", "name": "List-Id", "present": False},
        {"type": "excerpt", "starts": ["Dear"]},
        {"type": "attachments", "present": True, "name": {"ends": [".pdf"]}, "larger_than": 2000000},
        {"type": "date", "before": "2026-03-01", "time_zone": "Europe/Berlin"},
        {"type": "business_hours", "days": ["mon", "fri"], "from": "09:00", "to": "17:30", "inside": False},
    ],
)
def test_a_leaf_is_written_as_it_was_given(leaf: dict[str, Any]) -> None:
    given = CONDITION.validate_python(leaf)
    written = CONDITION.dump_json(given, exclude_defaults=True)
    assert json.loads(written) == leaf
    assert CONDITION.validate_json(written) == given


def test_a_leaf_whose_operator_is_replaced_has_no_values() -> None:
    leaf = CONDITION.validate_python({"type": "header", "name": "List-Id", "present": True})
    assert isinstance(leaf, HeaderIs)
    assert (leaf.operator, leaf.values) == ("", ())


@pytest.mark.parametrize(
    ("text", "size"),
    [(5, 5), ("5", 5), ("2 MB", 2_000_000), ("2mib", 2_097_152), ("1.5 kB", 1_500), (" 1 GB ", 10**9), ("7 B", 7)],
)
def test_sizes_are_written_as_people_write_them(text: Any, size: int) -> None:
    leaf = CONDITION.validate_python({"type": "attachments", "present": True, "larger_than": text})
    assert leaf.larger_than == size


@pytest.mark.parametrize("text", ["", "MB", "-1 MB", "1e3", "1,5 MB", "1.2.3", "two MB", "9" * 400, "\u0663 MB", True])
def test_what_is_no_size_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError):
        CONDITION.validate_python({"type": "attachments", "present": True, "larger_than": text})
