"""`domain:` as text and as a list, what it reads, and how it is written."""

from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from schemas.domain import FALSE_LEAF, TRUE_LEAF, Domain, Leaf, hierarchical, needs, parse, plain


class _Rule(BaseModel):
    domain: Domain


@pytest.mark.parametrize(
    "text",
    [
        "[('email_from', 'ilike', 'acme'), '|', ('active', '=', True), ('date', '=', None)]",
        '[["email_from", "ilike", "acme"], "|", ["active", "=", true], ["date", "=", null]]',
        "(('email_from', 'ilike', 'acme'), '|', ('active', '=', true), ('date', '=', null),)",
    ],
)
def test_odoo_text_and_json_are_one_domain(text: str) -> None:
    assert plain(parse(text)) == [["email_from", "ilike", "acme"], "|", ["active", "=", True], ["date", "=", None]]


def test_yaml_and_json_carry_it() -> None:
    rule = _Rule.model_validate(
        yaml.safe_load("domain:\n  - [author_id.category_id, in, [1, 2]]\n  - '!'\n  - [a, '=', no]")
    )
    assert rule.domain == (Leaf("author_id.category_id", "in", (1, 2)), "!", Leaf("a", "=", value=False))
    assert rule.model_dump_json() == '{"domain":[["author_id.category_id","in",[1,2]],"!",["a","=",false]]}'
    assert _Rule.model_validate_json(rule.model_dump_json()) == rule
    assert set(_Rule.model_json_schema()["properties"]["domain"]) >= {"anyOf", "description"}


def test_a_negative_number_and_the_constants() -> None:
    assert parse("[('n', '>', -1.5), (1, '=', 1), (0, '=', 1), (True, '=', 1)]") == (
        Leaf("n", ">", -1.5), TRUE_LEAF, FALSE_LEAF, TRUE_LEAF,
    )  # fmt: skip


def test_other_spellings_become_the_operator() -> None:
    assert plain(parse([["a", "<>", 1], ["b", "==", 2]])) == [["a", "!=", 1], ["b", "=", 2]]


def test_an_error_names_the_term_and_the_remedy() -> None:
    with pytest.raises(ValidationError, match=r"the operator of \('a', 'has', 1\) is unknown; use one of =, !="):
        _Rule.model_validate({"domain": [["a", "has", 1]]})


@pytest.mark.parametrize(
    ("domain", "paths"),
    [
        ([], ()),
        ([["id", "=", 1], [1, "=", 1]], ()),
        ([["b", "=", 1], ["a.id", "=", 1], ["c.id.id", "=", 1]], ("a", "b", "c")),
        ([["a.b", "any", [["c", "=", 1], ["d", "not any", [["e", "=", 1]]]]]], ("a.b", "a.b.c", "a.b.d", "a.b.d.e")),
        ([["id", "any", [["c", "=", 1]]]], ("c",)),
    ],
)
def test_what_it_reads(domain: Any, paths: tuple[str, ...]) -> None:
    assert needs(parse(domain)) == paths


def test_what_needs_a_lineage() -> None:
    domain = [["a", "any", [["b.c", "child_of", "x"]]], ["id", "parent_of", [3]]]
    assert hierarchical(parse(domain)) == (Leaf("a.b.c", "child_of", "x"), Leaf("id", "parent_of", (3,)))
