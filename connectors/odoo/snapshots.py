"""Records of Odoo as frozen snapshots (schemas/facts.py): everything that an evaluation needs, and nothing else.

Level by level, one `search_read` for each model of a level, however many records are asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from connectors.odoo.errors import usable_without
from connectors.odoo.fact_plan import Column, Node, Plan, make_plan
from connectors.odoo.fact_rows import NAME, Rows, read_linked, read_pointing, read_rows
from connectors.odoo.fact_values import ids_of, scalar, usable_text
from connectors.odoo.lineages import with_lineages
from connectors.odoo.port import Odoo
from runtime.errors import PermanentError
from schemas.facts import MAX_RECORDS, FieldType, FieldValue, Relation, Snapshot
from schemas.needs import Need

Linked = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Found:
    """The snapshots by id, of the records that exist and may be read. `types`, `unknown`: also when there are none."""

    model: str
    types: dict[str, FieldType]
    records: dict[int, Snapshot] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def nobody(self) -> Snapshot:
        """What stands for a record that does not exist."""
        return Snapshot(model=self.model, id=0, types=self.types, unknown=self.unknown)


async def read_snapshots(odoo: Odoo, need: Need, ids: Collection[int]) -> Found:
    """The records with these ids of the need's model.

    A path that this Odoo does not have or does not show is left out. Raises TransientError when Odoo is away, and
    ModelMissingError when it does not have the model.
    """
    plan = await make_plan(odoo, need.model, need.paths, [lineage.path for lineage in need.lineages])
    reading = _Reading(odoo, plan)
    await reading.run({ident for ident in ids if ident > 0})
    records = {
        ident: snapshot.model_copy(update={"types": plan.types, "unknown": plan.unknown})
        for ident in sorted(reading.rows(0, plan.root))
        if (snapshot := reading.snapshot(plan.root, ident, 0)) is not None
    }
    return Found(need.model, plan.types, await with_lineages(odoo, need.lineages, records), plan.unknown)


class _Reading:
    """The rows of one reading, by level and model, and what is linked but archived."""

    def __init__(self, odoo: Odoo, plan: Plan) -> None:
        self._odoo = odoo
        self._plan = plan
        self._rows: dict[tuple[int, str], Rows] = {}
        self._linked: dict[tuple[int, str], Linked] = {}

    def rows(self, depth: int, node: Node) -> Rows:
        """What was read of a model at a level."""
        return self._rows.get((depth, node.model), {})

    async def run(self, ids: set[int]) -> None:
        """Read everything; at most as many levels as a path has fields."""
        level: list[tuple[Node, set[int]]] = [(self._plan.root, ids)]
        depth = 0
        while level:
            wanted: dict[str, tuple[set[int], set[str]]] = {}
            for node, some in level:
                together = wanted.setdefault(node.model, (set(), set()))
                together[0].update(some)
                together[1].update(node.columns)
            for model, (all_ids, names) in wanted.items():
                self._rows[depth, model] = await read_rows(self._odoo, model, all_ids, names)
            for node, some in level:
                await self._find_archived(node, some)
            level = [pair for node, some in level for pair in self._next(node, some, depth)]
            depth += 1

    async def _find_archived(self, node: Node, ids: set[int]) -> None:
        """Whatever is linked, as a search finds it: of a one2many all that point back, whatever its own domain says."""
        many = [name for name in sorted(node.searched) if node.columns[name].type == "many2many"]
        if many and ids:
            rows = await read_linked(self._odoo, node.model, ids, many)
            for name in many:
                self._linked[id(node), name] = {ident: ids_of(row.get(name)) for ident, row in rows.items()}
        for name in sorted(node.searched.difference(many)):
            column = node.columns[name]
            if ids and await self._leads_back(column):
                pointing = await read_pointing(self._odoo, column.relation, column.inverse, ids)
                self._linked[id(node), name] = pointing

    async def _leads_back(self, column: Column) -> bool:
        try:
            known = await self._odoo.fields_get(column.relation)
        except PermanentError as error:
            usable_without(error)
            return False
        return known.get(column.inverse, {}).get("type") == "many2one"

    def _next(self, node: Node, ids: set[int], depth: int) -> list[tuple[Node, set[int]]]:
        rows = self.rows(depth, node)
        found = []
        for name, column in node.relations.items():
            inner = node.inner[name]
            if column.type == "many2one" and not inner.columns:
                continue  # its name comes with it
            linked = {other for ident in ids if ident in rows for other in self._ids(node, name, ident, rows) or ()}
            if linked:
                found.append((inner, linked))
        return found

    def _ids(self, node: Node, name: str, ident: int, rows: Rows) -> list[int] | None:
        shown = ids_of(rows[ident].get(name))
        shown = shown[:1] if node.columns[name].type == "many2one" else shown
        linked = self._linked.get((id(node), name), {}).get(ident, [])
        both = list(dict.fromkeys((*shown, *linked)))
        return both if len(both) <= MAX_RECORDS else None

    def snapshot(self, node: Node, ident: int, depth: int) -> Snapshot | None:
        """One record with what is below it; None when it was not read."""
        row = self.rows(depth, node).get(ident)
        if row is None:
            return None
        fields: dict[str, FieldValue] = {}
        for name, column in node.columns.items():
            if name in row:
                relation = name in node.inner
                value = self._relation(node, name, ident, depth) if relation else scalar(column, row[name])
                if value is not None:
                    fields[name] = value
        return Snapshot(model=node.model, id=ident, display_name=_name(row.get(NAME)), fields=fields)

    def _relation(self, node: Node, name: str, ident: int, depth: int) -> Relation | None:
        """None where a record that must be there was not: it was deleted meanwhile, or there are too many."""
        column, inner = node.columns[name], node.inner[name]
        raw = self.rows(depth, node)[ident][name]
        if column.type == "many2one":
            one = self._one(inner, raw, depth + 1)
            return Relation(type="many2one", relation=column.relation, records=one)
        shown = ids_of(raw)
        if self._ids(node, name, ident, self.rows(depth, node)) is None:
            return None
        records = [self.snapshot(inner, other, depth + 1) for other in shown]
        if None in records:
            return None
        archived = self._archived(node, name, ident, depth) if name in node.searched else None
        return Relation.model_validate(
            {"type": column.type, "relation": column.relation, "records": records, "archived": archived}
        )

    def _one(self, inner: Node, raw: object, depth: int) -> tuple[Snapshot, ...]:
        if not isinstance(raw, list) or len(raw) != 2 or not isinstance(raw[0], int):
            return ()
        # Of a record that may not be read, Odoo still tells the name.
        return (
            self.snapshot(inner, raw[0], depth) or Snapshot(model=inner.model, id=raw[0], display_name=_name(raw[1])),
        )

    def _archived(self, node: Node, name: str, ident: int, depth: int) -> list[Snapshot] | None:
        linked = self._linked.get((id(node), name), {}).get(ident)
        if linked is None:
            return None
        shown = ids_of(self.rows(depth, node)[ident][name])
        found = [self.snapshot(node.inner[name], other, depth + 1) for other in linked if other not in shown]
        return [one for one in found if one is not None]


def _name(raw: object) -> str | None:
    return usable_text(raw) if isinstance(raw, str) else None
