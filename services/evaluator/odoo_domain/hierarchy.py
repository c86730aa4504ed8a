"""`child_of` and `parent_of`, which Odoo answers with a search even in memory: archived records count too.

On a relation of a model to itself Odoo asks about the record, not about what the relation holds: a many2one or
one2many is followed as if it were the parent, a many2many only names the model.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
            for stand in _stands(scene.root, record, segments[-1], path):
                ids = _ids(stand.lineage, wanted, path)
                if stand.below(ids, path) if below else stand.above(ids, path):
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


@dataclass(frozen=True, slots=True)
class _Stand:
    """A record in a hierarchy; `own` when the hierarchy leads along a one2many of the model to itself."""

    record: int
    lineage: Lineage
    own: bool = False

    def below(self, ids: set[int], path: str) -> bool:
        return bool(ids) and not ids.isdisjoint(self._reach(self.lineage.reach, self.record, path))

    def above(self, ids: set[int], path: str) -> bool:
        """Odoo searches downwards, but reads upwards; only reading applies a one2many's own domain."""
        reach = self.lineage.shown if self.own else self.lineage.reach
        return True in [self.record in self._reach(reach, other, path) for other in sorted(ids)]

    def _reach(self, reach: dict[int, tuple[int, ...]], record: int, path: str) -> tuple[int, ...]:
        if record not in reach:
            raise absent(f"{path} (where {self.lineage.model} {record} stands)")
        return reach[record]


def _stands(root: Snapshot, record: Snapshot, name: str, path: str) -> list[_Stand]:
    """The records that are asked, each with the hierarchy in which it stands."""
    if name == "id":
        return [_Stand(record.id, _lineage(root, record.model, "", path))]
    relation = _relation(record, name, path)
    if relation.relation == record.model:
        followed = "" if relation.type == "many2many" else name
        return [_Stand(record.id, _lineage(root, record.model, followed, path), own=relation.type == "one2many")]
    linked = _linked(relation, path)
    return [_Stand(found.id, _lineage(root, relation.relation, "", path)) for found in linked]


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
