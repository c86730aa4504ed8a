"""What explain shows, and what a domain says when there is no answer."""

from typing import Any

import pytest

from schemas.domain import parse
from schemas.facts import Relation, Scalar, Snapshot
from services.evaluator.odoo_domain.evaluate import compile_domain
from services.evaluator.odoo_domain.explain import explain
from services.evaluator.odoo_domain.undecidable import Undecidable

ACME = Snapshot(model="res.partner", id=3, display_name="Acme", fields={"date": Scalar(type="date")})
LEAD = Snapshot(
    model="crm.lead",
    id=1,
    fields={
        "name": Scalar(type="char", value="Offer " + "x" * 500),
        "date_open": Scalar(type="datetime", value="2026-03-01 12:00:00"),
        "email_from": Scalar(type="char"),
        "partner_id": Relation(type="many2one", relation="res.partner", records=(ACME,)),
        "tag_ids": Relation(type="many2many", relation="crm.tag"),
    },
    types={"partner_id": "many2one", "partner_id.date": "date", "tag_ids.name": "char"},
)


def test_each_leaf_says_what_was_seen() -> None:
    domain = parse(
        [["partner_id", "=", "Acme"], ["date_open", ">", "2026"], ["email_from", "=", False], ["tag_ids", "=", False]]
    )
    explained = explain(domain, LEAD)
    assert explained.answer is True
    assert [leaf.seen for leaf in explained.leaves] == ["“Acme”", "2026-03-01 12:00:00", "empty", "nothing"]
    assert explained.leaves[0].text == "('partner_id', '=', 'Acme')"
    assert all(leaf.decided and leaf.held for leaf in explained.leaves)


@pytest.mark.parametrize(
    ("domain", "answer", "decided"),
    [
        (["|", ["id", "=", 1], ["id", "=", 2]], True, [True, False]),
        (["|", ["id", "=", 3], ["id", "=", 2]], False, [True, True]),
        (["!", "&", ["id", "=", 1], ["id", "=", 2]], True, [False, True]),
        ([["id", "=", 1], ["id", "=", 2], ["id", "=", 3]], False, [False, True, False]),
        ([["id", "=", 1], ["gone", "=", 2]], None, [False, True]),
    ],
)
def test_the_leaves_that_decided(domain: Any, answer: bool | None, decided: list[bool]) -> None:
    explained = explain(parse(domain), LEAD)
    assert (None if isinstance(explained.answer, Undecidable) else explained.answer) is answer
    assert [leaf.decided for leaf in explained.leaves] == decided


@pytest.mark.parametrize(
    ("leaf", "path", "reason"),
    [
        (["gone", "=", 1], "gone", "the event carries no `gone`"),
        (["partner_id.gone", "=", 1], "partner_id.gone", "the event carries no `partner_id.gone`"),
        (["partner_id", "any", [["gone", "=", 1]]], "partner_id.gone", "the event carries no `partner_id.gone`"),
        (["tag_ids.gone", "=", 1], "tag_ids.gone", "the event carries no `tag_ids.gone`"),
        (["email_from", "<", "x"], "email_from", "Odoo refuses the term on `email_from`"),
        (["date_open", "=", "soon"], "date_open", "Odoo refuses the term on `date_open`"),
        (["name.x", "=", 1], "name", "the field leads to no record"),
        (["name", "any", []], "name", "needs a field that leads to records"),
        (["partner_id", "child_of", 3], "partner_id", "the lineage of res.partner"),
        (["tag_ids", "child_of", 3], "tag_ids (its archived records)", "its archived records"),
    ],
)
def test_no_answer_names_path_and_reason(leaf: Any, path: str, reason: str) -> None:
    found = compile_domain(parse([leaf]))(LEAD)
    assert isinstance(found, Undecidable)
    assert found.path.startswith(path)
    assert reason in found.reason


def test_an_empty_date_is_compared_with_nothing() -> None:
    assert compile_domain(parse([["partner_id.date", "<", "2026-01-01"]]))(LEAD) is False
    assert compile_domain(parse([["partner_id.date", "=", False]]))(LEAD) is True
