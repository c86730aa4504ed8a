"""What a set of dotted paths means on this Odoo: a tree of fields, with the type at every path.

A path that the model does not have, that the account may not see, or whose type holds no comparable value (binary,
properties) is left out: a domain that reads it is undecidable, and the other domains are not harmed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, get_args

from connectors.odoo.errors import usable_without
from connectors.odoo.port import Json, Odoo
from runtime.errors import PermanentError
from schemas.facts import MAX_FIELDS, FieldType, RelationType, ScalarType

SCALARS = frozenset(get_args(ScalarType))
RELATIONS = frozenset(get_args(RelationType))
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A field as `fields_get` describes it. `inverse`: of a one2many, the field that leads back."""

    type: FieldType
    relation: str = ""
    inverse: str = ""


@dataclass(slots=True)
class Node:
    """Records of one model on the way, and what is read of them. `searched`: x2many fields with archived records."""

    model: str
    columns: dict[str, Column] = field(default_factory=dict)
    inner: dict[str, "Node"] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)

    @property
    def relations(self) -> dict[str, Column]:
        """The fields that lead to records."""
        return {name: column for name, column in self.columns.items() if column.type in RELATIONS}


@dataclass(frozen=True, slots=True)
class Plan:
    """The tree below the records asked for, the type at every path of it, and the paths that are not there."""

    root: Node
    types: dict[str, FieldType]
    unknown: tuple[str, ...] = ()


async def make_plan(odoo: Odoo, model: str, paths: Iterable[str], searched: Iterable[str]) -> Plan:
    """Asks for the fields of every model on the way. `searched`: paths along which archived records count.

    Raises ModelMissingError when the model itself does not exist.
    """
    whole = {_segments(path) for path in searched}
    tree: Tree = {}
    for segments in sorted({_segments(path) for path in paths} | whole):
        branch = tree
        for name in segments:
            branch = branch.setdefault(name, {})
    marked = {segments[:end] for segments in whole for end in range(1, len(segments) + 1)}
    planner = _Planner(odoo, marked)
    root = await planner.grow(model, tree, ())
    return Plan(root, planner.types, tuple(sorted(planner.unknown))[:MAX_FIELDS])


def _segments(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split(".") if name not in ("", "id", "display_name"))


class _Planner:
    def __init__(self, odoo: Odoo, marked: set[tuple[str, ...]]) -> None:
        self._odoo = odoo
        self._marked = marked
        self.types: dict[str, FieldType] = {}
        self.unknown: set[str] = set()

    async def grow(self, model: str, tree: Tree, way: tuple[str, ...]) -> Node:
        """The node of a model that `way` leads to."""
        node = Node(model)
        known = await self._odoo.fields_get(model) if tree or not way else {}
        for name, branch in tree.items():
            found = column(known.get(name))
            here = (*way, name)
            if found is None:
                self.unknown.add(".".join(here))
            if found is None or len(self.types) >= MAX_FIELDS:
                continue
            node.columns[name] = found
            self.types[".".join(here)] = found.type
            if found.type in RELATIONS:
                node.inner[name] = await self._inner(found.relation, branch, here)
                if found.type != "many2one" and here in self._marked:
                    node.searched.add(name)
        return node

    async def _inner(self, model: str, branch: Tree, way: tuple[str, ...]) -> Node:
        try:
            return await self.grow(model, branch, way)
        except PermanentError as error:
            usable_without(error)
            self.unknown.update(".".join((*way, name)) for name in branch)
            return Node(model)


def column(described: Json | None) -> Column | None:
    """A field of `fields_get`; None for one that is not there or holds nothing that a domain compares."""
    kind = described.get("type") if described else None
    if described is None or not isinstance(kind, str) or kind not in SCALARS | RELATIONS:
        return None
    relation = str(described.get("relation") or "")
    if kind in RELATIONS and not relation:
        return None
    return Column(kind, relation, str(described.get("relation_field") or ""))  # type: ignore[arg-type]  # checked above
