"""Domains, order and the shapes in which values are read."""

from typing import Any

import pytest

from connectors.odoo.port import Loaded
from tests.contract.odoo.conftest import Site

ROWS = {
    "a": {"email_from": "anna@one.example", "partner_name": "One", "type": "lead", "expected_revenue": "10"},
    "b": {"email_from": "bert@TWO.example", "partner_name": "Two", "type": "opportunity", "expected_revenue": "20"},
    "c": {"email_from": "", "partner_name": "Three", "type": "lead", "expected_revenue": "30"},
}
CASES: list[tuple[list[Any], str]] = [
    ([], "abc"),
    ([["email_from", "=", "anna@one.example"]], "a"),
    ([["email_from", "!=", "anna@one.example"]], "bc"),
    ([["email_from", "=", False]], "c"),
    ([["email_from", "!=", False]], "ab"),
    ([["name", "in", ["a", "c", "z"]]], "ac"),
    ([["name", "not in", ["a", "z"]]], "bc"),
    ([["email_from", "not in", ["anna@one.example"]]], "bc"),
    ([["email_from", "in", ["anna@one.example", False]]], "ac"),
    ([["email_from", "like", "two"]], ""),
    ([["email_from", "ilike", "two"]], "b"),
    ([["email_from", "not ilike", "two"]], "ac"),
    ([["email_from", "=like", "%@one.example"]], "a"),
    ([["email_from", "=like", "one"]], ""),
    ([["email_from", "=ilike", "BERT@%"]], "b"),
    ([["expected_revenue", ">", 10], ["expected_revenue", "<=", 30]], "bc"),
    ([["expected_revenue", ">=", 20]], "bc"),
    ([["expected_revenue", "<", 20]], "a"),
    (["|", ["name", "=", "a"], ["name", "=", "b"]], "ab"),
    (["&", ["type", "=", "lead"], "!", ["name", "=", "a"]], "c"),
    (["!", "|", ["name", "=", "a"], ["type", "=", "opportunity"]], "c"),
    ([["type", "=", "lead"], "|", ["name", "=", "b"], ["name", "=", "c"]], "c"),
    ([["name", "in", []]], ""),
    ([["team_id", "!=", False]], "abc"),
    ([["partner_id", "=", False]], "abc"),
    ([["user_id.login", "=", "no such login"]], ""),
    ([["tag_ids", "=", False]], "abc"),
]


@pytest.fixture
async def leads(site: Site) -> dict[str, int]:
    fields = ["id", "name", "email_from", "partner_name", "type", "expected_revenue"]
    rows = [[site.xid(name), name, *values.values()] for name, values in ROWS.items()]
    outcome = await site.odoo.load("crm.lead", fields, rows)
    ids = [result.id for result in outcome.results if isinstance(result, Loaded)]
    return dict(zip(ROWS, ids, strict=True))


async def test_domains(site: Site, leads: dict[str, int]) -> None:
    got = {}
    for domain, _ in CASES:
        scoped = [["id", "in", list(leads.values())], *domain]
        rows = await site.odoo.search_read("crm.lead", scoped, ["name"], limit=10, order="id")
        got[str(domain)] = "".join(row["name"] for row in rows)
    assert got == {str(domain): wanted for domain, wanted in CASES}


async def test_order_and_limit(site: Site, leads: dict[str, int]) -> None:
    domain = [["id", "in", list(leads.values())]]
    rows = await site.odoo.search_read("crm.lead", domain, ["name"], limit=2, order="expected_revenue desc")
    assert [row["name"] for row in rows] == ["c", "b"]
    rows = await site.odoo.search_read("crm.lead", domain, ["name"], limit=9, order="type, name desc")
    assert [row["name"] for row in rows] == ["c", "a", "b"]
    assert await site.odoo.call("crm.lead", "search_count", [domain]) == 3
    assert await site.odoo.call("crm.lead", "search", [domain], {"order": "id desc", "limit": 1}) == [leads["c"]]


async def test_shapes(site: Site) -> None:
    tag = await site.record("crm.tag", "tag", name=site.prefix)
    partner = await site.record("res.partner", "partner", name="Paula", email="paula@x.example")
    values = {"contact_name": "Paula", "user_id__id": None, "partner_id__id": partner, "tag_ids__id": tag}
    lead = await site.lead("shaped", description="<p>Hello <b>you</b></p>", **values)
    fields = ["name", "description", "user_id", "partner_id", "tag_ids", "team_id", "active", "phone"]
    read = await site.one("crm.lead", lead, *fields)
    assert read["id"] == lead
    assert read["description"] == "<p>Hello <b>you</b></p>"
    assert read["user_id"] is False
    assert read["partner_id"] == [partner, "Paula"]
    assert read["tag_ids"] == [tag]
    assert read["active"] is True
    assert read["phone"] is False
    related = await site.odoo.search_read("crm.lead", [["partner_id.email", "=", "paula@x.example"]], ["name"], limit=5)
    assert [row["id"] for row in related] == [lead]


async def test_archived_records_are_hidden_unless_asked_for(site: Site) -> None:
    lead = await site.lead("archived")
    await site.odoo.call("crm.lead", "write", [[lead], {"active": False}])
    assert await site.odoo.search_read("crm.lead", [["id", "=", lead]], ["name"], limit=1) == []
    domain = [["id", "=", lead], ["active", "in", [True, False]]]
    assert len(await site.odoo.search_read("crm.lead", domain, ["name"], limit=1)) == 1
    assert await site.odoo.resolve_external_ids([site.xid("archived")]) == {site.xid("archived"): ("crm.lead", lead)}


async def test_a_new_lead_gets_odoos_defaults(site: Site) -> None:
    read = await site.one("crm.lead", await site.lead("plain"), "user_id", "team_id", "type", "email_from", "stage_id")
    assert isinstance(read["user_id"], list)
    assert isinstance(read["team_id"], list)
    assert isinstance(read["stage_id"], list)
    assert read["type"] in ("lead", "opportunity")
    assert read["email_from"] is False
