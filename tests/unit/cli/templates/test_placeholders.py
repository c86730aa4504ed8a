"""Placeholders: a value is put into the tree as it is, and never read again."""

from typing import Any

import pytest

from cli.templates.placeholders import NOTHING, names, substituted, verbatim

VALUES: dict[str, Any] = {"a": "x$b", "b": ["y", "$a"], "n": 7, "none": None, "braces": "{"}


def put(node: Any) -> Any:
    return substituted(node, VALUES, lambda _mapping, _field: verbatim)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("$a", "x$b"),
        ("${a}", "x$b"),
        ("is $a, ${n}d", "is x$b, 7d"),
        ("$$a", "$a"),
        ("$n", 7),
        ("$b", ["y", "$a"]),
        ("[$none]", "[]"),
        (["$none", "$n", "z"], [7, "z"]),
        ({"k": "$none", "j": "$a"}, {"j": "x$b"}),
        ({"k": {"$if": "none", "j": 1}}, {}),
        ({"k": {"$if": "n", "j": 1}}, {"k": {"j": 1}}),
        ({"k": {"$if": ["none", "n"], "j": "$none"}}, {"k": {}}),
        ([{"$if": "none"}, {"$if": "a", "t": "$a"}], [{"t": "x$b"}]),
        (5, 5),
        (None, None),
        (True, True),
    ],
)
def test_what_becomes_of_a_tree(node: Any, expected: Any) -> None:
    assert put(node) == expected


def test_a_whole_tree_may_be_left_out() -> None:
    assert put("$none") is NOTHING
    assert put({"$if": "none", "a": 1}) is NOTHING


def test_a_list_that_is_used_twice_is_two_lists() -> None:
    first, second = put(["$b", "$b"])
    assert first == second
    assert first is not second
    assert first is not VALUES["b"]


def test_text_is_escaped_where_its_field_asks_for_it_and_only_there() -> None:
    found = substituted(
        {"plain": "$braces", "text": "a $braces {b}"},
        VALUES,
        lambda _mapping, field: (lambda _name, text: text * 2) if field == "text" else verbatim,
    )
    assert found == {"plain": "{", "text": "a {{ {b}"}


def test_names_are_found_everywhere_and_a_single_dollar_is_refused() -> None:
    assert list(names({"a": ["$x $$ ${y}", {"$if": ["p", "q"], "b": "$z"}], "c": {"$if": "r"}})) == [*"xypqzr"]
    for wrong in ("5 $", "$1", "$ {a}", "${a", "$A"):
        with pytest.raises(ValueError, match=r"write \$\$"):
            list(names(wrong))


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        put("$unknown")
