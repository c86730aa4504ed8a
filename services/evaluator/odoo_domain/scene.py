"""Following a dotted path through a snapshot, as Odoo's `mapped` follows it through records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.facts import FieldType, FieldValue, Relation, Snapshot
from services.evaluator.odoo_domain.undecidable import absent, odoo_raises, unknown
from services.evaluator.odoo_domain.values import MOMENTS, value_of

RELATIONS = ("many2one", "one2many", "many2many")


@dataclass(frozen=True, slots=True)
class Scene:
    """A record under test, in the snapshot that holds it; `prefix` leads to it and ends with a dot unless empty."""

    record: Snapshot
    root: Snapshot
    prefix: str = ""

    def inner(self, record: Snapshot, path: str) -> "Scene":
        """The scene of a record that `path` leads to."""
        return Scene(record, self.root, f"{self.prefix}{path}." if path else self.prefix)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path: records, or values (of dates: datetimes)."""

    records: Sequence[Snapshot] | None = None
    values: Sequence[Any] = ()
    moments: bool = False


def read(scene: Scene, segments: tuple[str, ...]) -> Found:
    """Raises CannotTellError where the snapshot lacks the path, or where Odoo would raise."""
    records: Sequence[Snapshot] = (scene.record,)
    for position, name in enumerate(segments):
        path = scene.prefix + ".".join(segments[: position + 1])
        last = position == len(segments) - 1
        if name == "id":
            return Found(values=[record.id for record in records])
        fields = [_field(scene.root, record, name, path) for record in records]
        kind = _type(scene.root, fields, name, path)
        if kind in RELATIONS:
            records = _union(fields)
        elif not last:
            raise odoo_raises(path, "the field leads to no record")
        else:
            return Found(values=_values(records, fields), moments=kind in MOMENTS)
    return Found(records=records)


def _field(root: Snapshot, record: Snapshot, name: str, path: str) -> FieldValue | None:
    field = record.fields.get(name)
    if field is None and name != "display_name":
        raise unknown(path) if path in root.unknown else absent(path)
    return field


def _type(root: Snapshot, fields: Sequence[FieldValue | None], name: str, path: str) -> FieldType:
    for field in fields:
        return "char" if field is None else field.type
    found: FieldType | None = root.types.get(path, "char" if name == "display_name" else None)
    if found is None:
        raise unknown(path) if path in root.unknown else absent(path)
    return found


def _union(fields: Sequence[FieldValue | None]) -> Sequence[Snapshot]:
    if len(fields) == 1:
        return fields[0].records if isinstance(fields[0], Relation) else ()
    found: dict[int, Snapshot] = {}
    for field in fields:
        for record in field.records if isinstance(field, Relation) else ():
            found.setdefault(record.id, record)
    return tuple(found.values())


def _values(records: Sequence[Snapshot], fields: Sequence[FieldValue | None]) -> list[Any]:
    return [
        names((record,))[0] if field is None or isinstance(field, Relation) else value_of(field)
        for record, field in zip(records, fields, strict=True)
    ]


def names(records: Sequence[Snapshot]) -> list[Any]:
    """Display names; False where a record has none."""
    return [False if record.display_name is None else record.display_name for record in records]
