"""Snapshots, senders and routes: what ingest reads of Odoo for a mail."""

from typing import Any

import pytest

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Odoo, Post
from connectors.odoo.routing import Thread, find_records
from connectors.odoo.senders import find_partners
from connectors.odoo.snapshots import Found, read_snapshots
from schemas.facts import Relation, Scalar, Snapshot
from schemas.needs import LineageNeed, Need
from tests.contract.odoo.conftest import Site


def partner_need(*paths: str, lineages: tuple[LineageNeed, ...] = ()) -> Need:
    return Need(on="partner", model="res.partner", paths=paths, lineages=lineages)


def term(path: str, operator: str, *values: int | str) -> LineageNeed:
    ids = tuple(value for value in values if isinstance(value, int))
    return LineageNeed(path=path, operator=operator, ids=ids, names=tuple(v for v in values if isinstance(v, str)))


def related(snapshot: Snapshot, name: str) -> Relation:
    value = snapshot.fields[name]
    assert isinstance(value, Relation)
    return value


async def family(site: Site) -> dict[str, int]:
    """Tags in a row, one of them archived; a company with three people, one of them archived."""
    ids = {"top": await site.record("res.partner.category", "top", name=f"{site.prefix} top")}
    ids["gold"] = await site.record(
        "res.partner.category", "gold", name=f"{site.prefix} gold", parent_id__id=ids["top"]
    )
    ids["old"] = await site.record("res.partner.category", "old", name=f"{site.prefix} old", parent_id__id=ids["top"])
    ids["firm"] = await site.record("res.partner", "firm", name="Firm", is_company="1", email="firm@x.example")
    for name in ("ann", "bob", "cid"):
        tags = ",".join(str(ids[tag]) for tag in ("gold", "old"))
        values: dict[str, Any] = {"name": name, "parent_id__id": ids["firm"], "category_id__id": tags}
        ids[name] = await site.record("res.partner", name, **values)
    await site.odoo.call("res.partner", "write", [[ids["cid"]], {"active": False}])
    await site.odoo.call("res.partner.category", "write", [[ids["old"]], {"active": False}])
    return ids


async def test_what_a_snapshot_holds(site: Site) -> None:
    ids = await family(site)
    (germany,) = await site.odoo.search_read("res.country", [["code", "=", "DE"]], ["name"], limit=2)
    await site.odoo.call("res.partner", "write", [[ids["ann"]], {"country_id": germany["id"]}])
    ours = ("active", "child_ids.name", "color", "country_id.code", "date", "name")
    need = partner_need(*ours, "parent_id.email", "parent_id.parent_id")
    found = await read_snapshots(site.odoo, need, [ids["ann"], ids["firm"], ids["cid"], 999_999_999])
    assert sorted(found.records) == sorted([ids["ann"], ids["firm"], ids["cid"]])
    ann, firm, cid = (found.records[ids[name]] for name in ("ann", "firm", "cid"))
    assert ann.fields["name"] == Scalar(type="char", value="ann")
    assert ann.fields["date"] == Scalar(type="date", value=None)
    assert ann.fields["color"] == Scalar(type="integer", value=0)
    (country,) = related(ann, "country_id").records
    assert (country.display_name, country.fields["code"]) == (germany["name"], Scalar(type="char", value="DE"))
    above = related(ann, "parent_id")
    assert [(one.id, one.display_name) for one in above.records] == [(ids["firm"], "Firm")]
    assert above.records[0].fields["email"] == Scalar(type="char", value="firm@x.example")
    assert related(above.records[0], "parent_id").records == ()
    children = related(firm, "child_ids")
    assert [one.id for one in children.records] == [ids["ann"], ids["bob"]]
    assert children.archived is None
    assert related(firm, "parent_id") == Relation(type="many2one", relation="res.partner")
    assert cid.fields["active"] == Scalar(type="boolean", value=False)
    types = {"name": "char", "parent_id.email": "char", "parent_id.parent_id": "many2one", "child_ids": "one2many"}
    assert found.types.items() >= types.items()
    assert ann.types == found.types
    assert found.nobody == Snapshot(model="res.partner", id=0, types=found.types)


async def test_a_tree_is_read_with_its_archived_records(site: Site) -> None:
    ids = await family(site)
    tags = term("category_id", "child_of", ids["top"])
    need = partner_need("category_id", "child_ids", lineages=(tags, term("child_ids", "child_of", ids["cid"])))
    found = await read_snapshots(site.odoo, need, [ids["ann"], ids["firm"]])
    category = related(found.records[ids["ann"]], "category_id")
    assert [one.id for one in category.records] == [ids["gold"]]
    assert [one.id for one in category.archived or ()] == [ids["old"]]
    lineages = {(one.model, one.field): one for one in found.records[ids["ann"]].lineages}
    reach = lineages["res.partner.category", ""].reach
    assert {ident: way[-2:] for ident, way in reach.items()} == {
        ids["gold"]: (ids["top"], ids["gold"]),
        ids["old"]: (ids["top"], ids["old"]),
    }
    (firm,) = [one for one in found.records[ids["firm"]].lineages if one.field == "child_ids"]
    assert set(firm.reach[ids["firm"]]) == {ids[name] for name in ("firm", "ann", "bob", "cid")}


async def test_names_and_what_stands_above(site: Site) -> None:
    ids = await family(site)
    name = f"{site.prefix} OLD"
    above = term("category_id", "parent_of", name, ids["gold"])
    found = await read_snapshots(site.odoo, partner_need("category_id", lineages=(above,)), [ids["ann"]])
    (lineage,) = found.records[ids["ann"]].lineages
    assert lineage.named == {name: (ids["old"],)}
    assert lineage.reach.keys() == {ids["gold"], ids["old"]}


async def test_what_this_odoo_does_not_have_is_left_out(site: Site) -> None:
    ids = await family(site)
    need = partner_need("name", "no_such_field", "parent_id.no_such.name", "name.behind")
    found = await read_snapshots(site.odoo, need, [ids["ann"]])
    assert found.records[ids["ann"]].fields.keys() == {"name", "parent_id"}
    assert found.types == {"name": "char", "parent_id": "many2one"}
    assert found.unknown == found.nobody.unknown == ("no_such_field", "parent_id.no_such")
    with pytest.raises(ModelMissingError):
        await read_snapshots(site.odoo, Need(on="record", model="no.such.model"), [1])


async def test_a_reader_without_rights_reads_less(site: Site, reader: Odoo) -> None:
    ids = await family(site)
    found = await read_snapshots(reader, partner_need("name", "parent_id.name"), [ids["ann"]])
    assert found.records[ids["ann"]].fields["name"] == Scalar(type="char", value="ann")
    hidden: Found = await read_snapshots(reader, Need(on="record", model="ir.model.data", paths=("name",)), [1])
    assert hidden.records == {}


async def test_senders(site: Site, reader: Odoo) -> None:
    address = f"{site.prefix}@x.example"
    await site.record("res.partner", "zoe", name="Zoe", email=address)
    ann = await site.record(
        "res.partner", "ann", name="Ann", email=f"Ann <{address}>".split("<")[1].rstrip(">").upper()
    )
    await site.record("res.partner", "aaa", name="Aaa", email="reader@company.example")
    asked = [address.upper(), "reader@company.example", f"nobody-{address}", "no address", ""]
    found = await find_partners(site.odoo, asked)
    assert found[address.upper()] == ann
    (user,) = await site.odoo.search_read("res.users", [["login", "=", "reader"]], ["partner_id"], limit=1)
    assert found["reader@company.example"] == user["partner_id"][0]
    assert found.keys() == {address.upper(), "reader@company.example"}
    assert await find_partners(reader, asked) == found


async def test_routes(site: Site) -> None:
    leads = [await site.lead(name) for name in ("first", "second")]
    ids = [f"<{site.prefix}-{number}-openerp-{lead}-crm.lead@x.example>" for number, lead in enumerate(leads)]
    for lead, message_id in zip(leads, ids, strict=True):
        await site.odoo.message_post("crm.lead", lead, Post(message_id, "<p>Hello</p>"))
    unknown = f"<{site.prefix}-unknown@x.example>"
    threads = [
        Thread(),
        Thread(references=[unknown], in_reply_to=[ids[0]]),
        Thread(references=[ids[1], ids[0], unknown]),
        Thread(references=[ids[0]], to=["info@x.example"]),
        Thread(in_reply_to=[ids[0].replace("-openerp", " \r\n -openerp")]),
    ]
    newest, first = ("crm.lead", leads[1]), ("crm.lead", leads[0])
    assert await find_records(site.odoo, threads) == [None, None, newest, first, first]


async def test_an_alias_of_another_model_cancels_the_reply(site: Site) -> None:
    lead = await site.lead("one")
    message_id = f"<{site.prefix}@x.example>"
    await site.odoo.message_post("crm.lead", lead, Post(message_id, "<p>Hello</p>"))
    for model in ("crm.team", "crm.lead"):
        (found,) = await site.odoo.search_read("ir.model", [["model", "=", model]], ["id"], limit=1)
        name = f"{site.prefix}-{model}".replace("_", "-").replace(".", "-")
        values = {"alias_name": name, "alias_model_id__id": found["id"], "alias_incoming_local": "1"}
        await site.record("mail.alias", model.replace(".", "_"), **values)
    other, same = (f"{site.prefix}-{name}@any.example".replace("_", "-") for name in ("crm-team", "crm-lead"))
    threads = [Thread([message_id], to=[to]) for to in (other, same, f"x{other}")]
    assert await find_records(site.odoo, threads) == [None, ("crm.lead", lead), ("crm.lead", lead)]
