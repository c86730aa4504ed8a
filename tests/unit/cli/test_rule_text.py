"""Rules as YAML: nothing that is default, every text exactly as it was, differences line by line."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.rule_text import diff, document, yaml_text
from cli.yaml_source import parse
from tests.unit.services.console.test_plan import mailbox, rule

AWKWARD = list(" \n\t\r#:-'\"[]{}|>&*!%@`,?\\a0\x85\u2028\u2029\ufeff\x07é😀~=<")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text(st.sampled_from(AWKWARD), max_size=10)
SCALARS = (
    TEXTS | st.booleans() | st.none() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


@given(VALUES)
@settings(deadline=None)
def test_whatever_is_written_reads_back_as_it_was(value: Any) -> None:
    read = parse(yaml_text({"x": value}))
    assert not read.problems
    assert repr(read.value) == repr({"x": value})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("no", "x: 'no'"),
        ("0042", 'x: "0042"'),
        ("0089", 'x: "0089"'),
        ("1e3", 'x: "1e3"'),
        ("2026-01-01", 'x: "2026-01-01"'),
        ("Grüße 😀", "x: Grüße 😀"),
        ("one\ntwo", "x: |-\n  one\n  two"),
    ],
)
def test_text_that_looks_like_something_else(text: str, line: str) -> None:
    assert yaml_text({"x": text}) == line + "\n"


def test_only_what_is_not_default_is_written() -> None:
    assert yaml_text(document(rule("vip", when={"type": "subject", "contains": ["offer"]}))) == (
        "id: vip\n"
        "mailbox: support\n"
        "when:\n"
        "  type: subject\n"
        "  contains:\n"
        "    - offer\n"
        "actions:\n"
        "  - id: a\n"
        "    type: star\n"
    )
    assert document(mailbox()) == {"id": "support", "source": {"kind": "eml", "path": "/m"}}
    assert document({"id": "old", "name": "old", "gone": 1}) == {"id": "old", "gone": 1}


def test_a_diff_shows_the_changed_lines_and_names_both_sides() -> None:
    found = diff(rule("vip"), rule("vip", order=5), ("before", "after")).splitlines()
    assert found[:2] == ["--- before", "+++ after"]
    assert [line for line in found[2:] if line.startswith(("+", "-"))] == ["+order: 5"]
    assert diff(rule("vip"), rule("vip"), ("before", "after")) == ""
    assert "-id: vip" in diff(rule("vip"), None, ("before", "after"))
