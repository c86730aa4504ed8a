"""What must hold for every domain and record: complement, order, folding, round trips, and explain's agreement."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.domain import ARITY, Domain, Leaf, Terms, needs, parse, plain
from schemas.facts import Snapshot
from services.evaluator.odoo_domain.evaluate import compile_domain
from services.evaluator.odoo_domain.explain import explain
from services.evaluator.odoo_domain.undecidable import Undecidable
from tests.contract.odoo_domain.frozen import read

DOMAIN: TypeAdapter[Terms] = TypeAdapter(Domain)


def _cases() -> list[tuple[list[Any], Snapshot]]:
    recording = read()
    found = []
    for one in recording.asked:
        try:
            parse(one.domain)
        except ValueError:
            continue
        place = next(iter(one.answers))
        found.append((one.domain, recording.snapshots[place].model_copy(update={"lineages": (*recording.lineages,)})))
    return found


CASES = _cases()
case = st.sampled_from(CASES)


def answer(domain: list[Any], snapshot: Snapshot) -> bool | None:
    """The answer; None where there is none."""
    found = compile_domain(parse(domain))(snapshot)
    return None if isinstance(found, Undecidable) else found


def negated(domain: list[Any]) -> list[Any]:
    """`!` before the whole, its implicit `&` written."""
    return ["!", *written(domain)]


def written(domain: list[Any]) -> list[Any]:
    """The same domain with every implicit `&` written."""
    operands, waiting = 0, 0
    for term in reversed(domain):
        waiting += 1 - (ARITY[term] if isinstance(term, str) else 0)
        operands = waiting
    return ["&"] * (operands - 1) + domain if operands else [[1, "=", 1]]


@settings(max_examples=300, deadline=None)
@given(case)
def test_not_is_the_complement(one: tuple[list[Any], Snapshot]) -> None:
    domain, snapshot = one
    found = answer(domain, snapshot)
    assert answer(negated(domain), snapshot) is (None if found is None else not found)
    assert answer(["!", *negated(domain)], snapshot) is found


@settings(max_examples=300, deadline=None)
@given(case)
def test_an_implicit_and_is_a_written_one(one: tuple[list[Any], Snapshot]) -> None:
    domain, snapshot = one
    assert answer(written(domain), snapshot) is answer(domain, snapshot)


@settings(max_examples=300, deadline=None)
@given(case, st.sampled_from(CASES), st.sampled_from(("&", "|")))
def test_the_order_of_operands_does_not_matter(
    one: tuple[list[Any], Snapshot], other: tuple[list[Any], Snapshot], operator: str
) -> None:
    (first, snapshot), (second, _) = one, other
    left, right = written(first), written(second)
    assert answer([operator, *left, *right], snapshot) is answer([operator, *right, *left], snapshot)


@settings(max_examples=200, deadline=None)
@given(case, st.sampled_from(CASES))
def test_de_morgan(one: tuple[list[Any], Snapshot], other: tuple[list[Any], Snapshot]) -> None:
    (first, snapshot), (second, _) = one, other
    both = ["!", "&", *written(first), *written(second)]
    assert answer(both, snapshot) is answer(["|", *negated(first), *negated(second)], snapshot)


@pytest.mark.parametrize("start", range(0, len(CASES), 1_000))
def test_round_trips_and_explanations(start: int) -> None:
    for domain, snapshot in CASES[start : start + 1_000]:
        terms = parse(domain)
        assert DOMAIN.validate_json(DOMAIN.dump_json(terms)) == terms
        assert parse(repr(plain(terms))) == terms
        assert parse(repr(domain)) == terms
        explained = explain(terms, snapshot)
        assert explained.answer == compile_domain(terms)(snapshot)
        assert len(explained.leaves) == sum(isinstance(term, Leaf) for term in terms)
        assert all(len(leaf.seen) <= 200 and len(leaf.text) <= 200 for leaf in explained.leaves)


def test_a_snapshot_survives_json() -> None:
    for snapshot in read().snapshots:
        assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


def test_the_leaves_that_decided_are_enough() -> None:
    """Whatever the other leaves say, the answer stays."""
    random = Random(5)
    for domain, snapshot in CASES:
        explained = explain(parse(domain), snapshot)
        if isinstance(explained.answer, Undecidable):
            continue
        said = iter([leaf.held if leaf.decided else random.random() < 0.5 for leaf in explained.leaves])
        forced = [term if isinstance(term, str) else [int(bool(next(said))), "=", 1] for term in domain]
        assert answer(forced, snapshot) is explained.answer


def test_what_a_domain_needs_is_enough_and_nothing_less() -> None:
    """Without a path that it names a domain is undecidable, and says which path."""
    domain = [["parent_id.name", "=", "x"], ["child_ids", "any", [["category_id.name", "=", "y"], ["id", ">", 0]]]]
    assert needs(parse(domain)) == ("child_ids", "child_ids.category_id.name", "parent_id.name")
    found = compile_domain(parse(domain))(Snapshot(model="res.partner", id=1))
    assert isinstance(found, Undecidable)
    assert found.path == "parent_id"
