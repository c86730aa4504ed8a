"""The frozen snapshot: typed, bounded, and readable by an older reader."""

import pytest
from pydantic import ValidationError

from schemas.facts import MAX_RECORDS, Lineage, Relation, Scalar, Snapshot

SNAPSHOT = Snapshot(
    model="res.partner",
    id=7,
    display_name="Ann",
    fields={
        "active": Scalar(type="boolean", value=True),
        "color": Scalar(type="integer", value=1),
        "credit": Scalar(type="monetary", value=1.0),
        "name": Scalar(type="char", value="1"),
        "date": Scalar(type="date"),
        "parent_id": Relation(type="many2one", relation="res.partner", records=(Snapshot(model="res.partner", id=3),)),
    },
    types={"parent_id.name": "char"},
    lineages=(Lineage(model="res.partner", reach={7: (3, 7)}, named={"ann": (7,)}),),
)


def test_json_keeps_every_value_with_its_type() -> None:
    read = Snapshot.model_validate_json(SNAPSHOT.model_dump_json())
    assert read == SNAPSHOT
    values = [field.value for field in read.fields.values() if isinstance(field, Scalar)]
    assert [type(value) for value in values] == [bool, int, float, str, type(None)]


def test_a_newer_writers_fields_are_ignored() -> None:
    assert Snapshot.model_validate({"model": "x", "id": 1, "later": True}) == Snapshot(model="x", id=1)


def test_it_is_bounded() -> None:
    many = [{"model": "x", "id": number} for number in range(MAX_RECORDS + 1)]
    with pytest.raises(ValidationError, match="too_long"):
        Relation.model_validate({"type": "one2many", "relation": "x", "records": many})
    with pytest.raises(ValidationError, match="finite"):
        Scalar.model_validate({"type": "float", "value": float("nan")})
