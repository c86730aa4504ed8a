"""`child_of` and `parent_of`, which Odoo answers with a search even in memory: archived records count too.

On a relation of a model to itself Odoo asks about the record, not about what the relation holds: a many2one or
one2many is followed as if it were the parent, a many2many only names the model.
"""

from collections.abc import Callable

from schemas.domain import Leaf
from schemas.facts import Lineage, Relation, Snapshot
from services.evaluator.odoo_domain.scene import Scene
from services.evaluator.odoo_domain.undecidable import absent, odoo_raises

_COMPANY = "company_id"


def hierarchy_test(leaf: Leaf) -> Callable[[Scene], bool]:
    """Whether a record stands below (`child_of`) or above (`parent_of`) what the leaf names; each includes itself."""
    segments = tuple(str(leaf.path).split("."))
    listed = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    wanted = tuple(value for value in listed if value or isinstance(value, str))
    below = leaf.operator == "child_of"

    def holds(scene: Scene) -> bool:
        path = scene.prefix + str(leaf.path)
        records = _walk(scene, segments)
        if leaf.path == _COMPANY and any(isinstance(value, str) for value in wanted):
            if not below:
                raise odoo_raises(path, "companies are found by id only")
            return False
        for record in records:
            for lineage, target in _targets(scene.root, record, segments[-1], path):
                ids = _ids(lineage, wanted, path)
                if _is_below(lineage, target.id, ids, path) if below else _is_above(lineage, target.id, ids, path):
                    return True
        return False

    return holds


def _walk(scene: Scene, segments: tuple[str, ...]) -> list[Snapshot]:
    """The records whose last field is asked, archived ones included."""
    records: list[Snapshot] = [scene.record]
    for position, name in enumerate(segments[:-1]):
        if name != "id":
            path = scene.prefix + ".".join(segments[: position + 1])
            records = [found for record in records for found in _linked(_relation(record, name, path), path)]
    return records


def _targets(root: Snapshot, record: Snapshot, name: str, path: str) -> list[tuple[Lineage, Snapshot]]:
    """The records that stand somewhere, each with the hierarchy in which it does."""
    if name == "id":
        return [(_lineage(root, record.model, "", path), record)]
    relation = _relation(record, name, path)
    if relation.relation == record.model:
        followed = "" if relation.type == "many2many" else name
        return [(_lineage(root, record.model, followed, path), record)]
    return [(_lineage(root, relation.relation, "", path), found) for found in _linked(relation, path)]


def _lineage(root: Snapshot, model: str, field: str, path: str) -> Lineage:
    for lineage in root.lineages:
        if lineage.model == model and lineage.field == field:
            return lineage
    raise absent(f"{path} (the lineage of {model})")


def _relation(record: Snapshot, name: str, path: str) -> Relation:
    field = record.fields.get(name)
    if field is None:
        raise absent(path)
    if not isinstance(field, Relation):
        raise odoo_raises(path, "the field leads to no record")
    return field


def _linked(relation: Relation, path: str) -> tuple[Snapshot, ...]:
    if relation.type == "many2one":
        return relation.records
    if relation.archived is None:
        raise absent(f"{path} (its archived records)")
    return relation.records + relation.archived


def _ids(lineage: Lineage, wanted: tuple[int | str, ...], path: str) -> set[int]:
    found: set[int] = set()
    for value in wanted:
        if isinstance(value, str):
            if value not in lineage.named:
                raise absent(f"{path} (the records of {lineage.model} that a name finds)")
            found.update(lineage.named[value])
        else:
            found.add(value)
    return found


def _is_below(lineage: Lineage, record: int, ids: set[int], path: str) -> bool:
    return bool(ids) and not ids.isdisjoint(_reach(lineage, record, path))


def _is_above(lineage: Lineage, record: int, ids: set[int], path: str) -> bool:
    return True in [record in _reach(lineage, other, path) for other in sorted(ids)]


def _reach(lineage: Lineage, record: int, path: str) -> tuple[int, ...]:
    if record not in lineage.reach:
        raise absent(f"{path} (where {lineage.model} {record} stands)")
    return lineage.reach[record]
