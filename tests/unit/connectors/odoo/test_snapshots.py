"""What Odoo refuses of a snapshot costs only the domains that need it."""

from typing import Any

import pytest

from connectors.odoo.snapshots import Found, read_snapshots
from runtime.errors import PermanentError, TransientError
from schemas.facts import MAX_LINEAGE, Relation, Scalar
from schemas.needs import LineageNeed, Need
from tests.unit.connectors.odoo.office import Office

PATHS = ("category_id.name", "child_ids.name", "color", "email", "parent_id.name", "phone")
TAGS = LineageNeed(path="category_id", operator="child_of", ids=(1,))
CHILDREN = LineageNeed(path="child_ids", operator="child_of", ids=(1,))


def refusing(*fields: str, model: str = "res.partner", code: str = "odoo-access") -> Any:
    """Refuses every read of these fields."""

    def twist(asked: str, method: str, answer: Any) -> Any:
        if asked == model and method in ("read", "search_read") and any(set(fields) & row.keys() for row in answer):
            raise PermanentError("You are not allowed", code=code)
        return answer

    return twist


async def read(office: Office, *lineages: LineageNeed, model: str = "res.partner", ids: tuple[int, ...]) -> Found:
    return await read_snapshots(office.odoo, Need(on="record", model=model, paths=PATHS, lineages=lineages), ids)


async def family(office: Office) -> tuple[int, int]:
    """A person with a tag, and a child."""
    tag = await office.create("res.partner.category", name="Gold")
    ann = await office.partner("ann@x.example", parent_id=1, category_id=[[6, 0, [tag]]])
    return ann, await office.partner("bob@x.example", parent_id=ann)


@pytest.mark.parametrize("code", ["odoo-access", "odoo-fault", "odoo-missing"])
async def test_one_field_that_odoo_refuses(code: str) -> None:
    office = Office()
    ann, _ = await family(office)
    office.line.twist = refusing("phone", code=code)
    found = await read(office, ids=(ann,))
    assert found.records[ann].fields.keys() == {path.split(".")[0] for path in PATHS} - {"phone"}
    assert found.records[ann].fields["email"] == Scalar(type="char", value="ann@x.example")


async def test_two_fields_and_the_related_model() -> None:
    office = Office()
    ann, bob = await family(office)
    office.line.twist = refusing("phone", "color")
    assert {"phone", "color"}.isdisjoint((await read(office, ids=(ann, bob))).records[bob].fields)
    office.line.twist = refusing("display_name", model="res.partner.category")
    found = await read(office, ids=(ann, bob))
    assert "category_id" not in found.records[ann].fields
    assert found.records[bob].fields["category_id"] == Relation(type="many2many", relation="res.partner.category")


async def test_records_that_cannot_be_read_at_all() -> None:
    office = Office()
    ann, _ = await family(office)
    office.line.twist = refusing("display_name")
    found = await read(office, ids=(ann,))
    assert found.records == {}
    assert found.types["parent_id.name"] == "char"


async def test_lineages_that_odoo_refuses() -> None:
    office = Office()
    ann, _ = await family(office)
    office.line.twist = refusing("parent_id", model="res.partner.category")
    found = await read(office, TAGS, ids=(ann,))
    assert [one.reach for one in found.records[ann].lineages] == [{}]

    def no_inverse(_model: str, method: str, answer: Any) -> Any:
        if method == "search_read" and answer and answer[0].keys() == {"id", "parent_id"}:
            raise PermanentError("You are not allowed", code="odoo-access")
        return answer

    office.line.twist = no_inverse
    found = await read(office, CHILDREN, ids=(ann,))
    children = found.records[ann].fields["child_ids"]
    assert isinstance(children, Relation)
    assert children.archived is None
    assert [one.reach for one in found.records[ann].lineages] == [{}]


async def test_no_odoo_at_all_is_no_refusal() -> None:
    office = Office()
    ann, _ = await family(office)
    office.line.twist = refusing("phone", code="odoo-url")
    with pytest.raises(PermanentError):
        await read(office, ids=(ann,))
    office.line.fail = TransientError("busy", code="odoo-busy")
    with pytest.raises(TransientError):
        await read(office, ids=(ann,))


@pytest.mark.parametrize("depth", [MAX_LINEAGE - 1, MAX_LINEAGE + 1])
async def test_a_way_that_is_too_long_is_left_out(depth: int) -> None:
    office = Office()
    above = 1
    for number in range(depth - 1):
        above = await office.partner(f"p{number}@x.example", parent_id=above)
    found = await read(office, LineageNeed(path="id", operator="child_of", ids=(1,)), ids=(above,))
    (lineage,) = found.records[above].lineages
    assert (len(lineage.reach.get(above, ())) == depth) is (depth <= MAX_LINEAGE)


async def test_a_circle_of_parents_ends() -> None:
    office = Office()
    one = await office.partner("one@x.example")
    two = await office.partner("two@x.example", parent_id=one)
    await office.odoo.call("res.partner", "write", [[one], {"parent_id": two}])
    found = await read(office, LineageNeed(path="id", operator="child_of", ids=(one,)), ids=(one,))
    assert set(found.records[one].lineages[0].reach[one]) == {one, two}
