"""Where records stand in a hierarchy: read for the terms that ask (`child_of`, `parent_of`), a level in a call.

As `odoo/osv/expression.py` does: a model with `parent_path` is answered from it, another by following its `parent_id`,
or the relation of the model to itself that the term names. Nothing is cut silently: where a way is longer than
MAX_LINEAGE, or leads over a record that may not be read, the record is left out, and the term is undecidable.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.odoo.errors import usable_without
from connectors.odoo.fact_plan import Column, column
from connectors.odoo.fact_rows import EVERYONE, read_linked, read_pointing, read_rows
from connectors.odoo.fact_values import ids_of
from connectors.odoo.port import Odoo
from runtime.errors import PermanentError
from schemas.facts import MAX_LINEAGE, MAX_NAMED, Lineage, Relation, Snapshot
from schemas.needs import LineageNeed

PARENT = "parent_id"
PATH = "parent_path"
MAX_LINEAGES = 100
Reach = dict[int, tuple[int, ...]]
Step = Callable[[set[int]], Awaitable[dict[int, list[int]]]]
Ladder = tuple[str, str]
"""A model, and the field that is followed; empty: its own parent."""


@dataclass(slots=True)
class _Wanted:
    """What is asked of one hierarchy by all records together."""

    reach: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


async def with_lineages(odoo: Odoo, needs: Sequence[LineageNeed], records: dict[int, Snapshot]) -> dict[int, Snapshot]:
    """The records, each with the lineages that the terms need on it."""
    if not needs:
        return records
    stands = {
        ident: [(need, stand) for need in needs for stand in _stands(one, need)] for ident, one in records.items()
    }
    wanted: dict[Ladder, _Wanted] = {}
    for need, (ladder, ident) in (pair for pairs in stands.values() for pair in pairs):
        _want(wanted.setdefault(ladder, _Wanted()), need, ident)
    whole = {ladder: await _read(odoo, ladder, asked, _above(needs)) for ladder, asked in wanted.items()}
    return {
        ident: one.model_copy(update={"lineages": tuple(_cut(whole, stands[ident], _above(needs)))[:MAX_LINEAGES]})
        for ident, one in records.items()
    }


def _want(wanted: _Wanted, need: LineageNeed, ident: int) -> None:
    wanted.names.update(need.names)
    if need.operator == "child_of":
        wanted.reach.add(ident)
    else:
        wanted.reach.update(need.ids)
        wanted.shown.update(need.ids)


def _above(needs: Iterable[LineageNeed]) -> frozenset[str]:
    """The names of which not only the ids but also their lineages are asked."""
    return frozenset(name for need in needs if need.operator == "parent_of" for name in need.names)


def _stands(root: Snapshot, need: LineageNeed) -> list[tuple[Ladder, int]]:
    """The records that the term asks about, each with the hierarchy in which it stands."""
    *way, last = need.path.split(".")
    records: list[Snapshot] = [root]
    for name in way:
        if name != "id":
            records = [found for record in records for found in _linked(record.fields.get(name))]
    if last == "id":
        return [((record.model, ""), record.id) for record in records]
    found: list[tuple[Ladder, int]] = []
    for record in records:
        relation = record.fields.get(last)
        if isinstance(relation, Relation) and relation.relation == record.model:
            found.append(((record.model, "" if relation.type == "many2many" else last), record.id))
        else:
            found += [((one.model, ""), one.id) for one in _linked(relation)]
    return found


def _linked(relation: Any) -> tuple[Snapshot, ...]:
    return (*relation.records, *(relation.archived or ())) if isinstance(relation, Relation) else ()


async def _read(odoo: Odoo, ladder: Ladder, wanted: _Wanted, above: frozenset[str]) -> Lineage:
    model, followed = ladder
    named = {name: found for name in sorted(wanted.names) if (found := await _named(odoo, model, name)) is not None}
    ids = {ident for name in above & named.keys() for ident in named[name]}
    reach, shown = await _climb(odoo, ladder, wanted.reach | ids, wanted.shown | ids)
    return Lineage(model=model, field=followed, reach=reach, shown=shown, named=named)


async def _named(odoo: Odoo, model: str, name: str) -> tuple[int, ...] | None:
    asked = {"name": name, "operator": "ilike", "limit": None, "context": EVERYONE}
    try:
        found = await odoo.call(model, "name_search", [], asked)
    except PermanentError as error:
        usable_without(error)
        return None
    return tuple(int(pair[0]) for pair in found) if len(found) <= MAX_NAMED else None


async def _climb(odoo: Odoo, ladder: Ladder, ids: set[int], shown: set[int]) -> tuple[Reach, Reach]:
    model, followed = ladder
    try:
        known = await odoo.fields_get(model)
    except PermanentError as error:
        usable_without(error)
        return {}, {}
    if PATH in known:
        paths = await _paths(odoo, model, ids | shown)
        return {i: paths[i] for i in ids & paths.keys()}, {i: paths[i] for i in shown & paths.keys() if followed}
    way = column(known.get(followed or PARENT))
    if way is None or way.relation != model:
        return {}, {}
    if way.type == "many2one":
        return await _closures(ids, lambda some: _parents(odoo, model, followed or PARENT, some)), {}
    pointing = await _closures(ids, lambda some: read_pointing(odoo, model, way.inverse, some)) if _inverse(way) else {}
    return pointing, await _closures(shown, lambda some: _children(odoo, model, followed, some))


def _inverse(way: Column) -> bool:
    return way.type == "one2many" and bool(way.inverse)


async def _paths(odoo: Odoo, model: str, ids: set[int]) -> Reach:
    rows = await read_rows(odoo, model, ids, [PATH])
    found = {ident: _path(row.get(PATH)) for ident, row in rows.items()}
    return {ident: path for ident, path in found.items() if 0 < len(path) <= MAX_LINEAGE}


def _path(raw: Any) -> tuple[int, ...]:
    """`1/4/9/` is the way from the root to record 9."""
    return tuple(int(part) for part in raw.split("/") if part.isdecimal()) if isinstance(raw, str) else ()


async def _parents(odoo: Odoo, model: str, name: str, ids: set[int]) -> dict[int, list[int]]:
    rows = await read_rows(odoo, model, ids, [name])
    return {ident: ids_of(row[name])[:1] for ident, row in rows.items() if name in row}


async def _children(odoo: Odoo, model: str, name: str, ids: set[int]) -> dict[int, list[int]]:
    rows = await read_linked(odoo, model, ids, [name])
    return {ident: ids_of(row[name]) for ident, row in rows.items() if name in row}


async def _closures(ids: set[int], step: Step) -> Reach:
    """All ids that following reaches from each, itself last. A step asks for a whole level."""
    edges: dict[int, list[int]] = {}
    level, asked = set(ids), set(ids)
    while level and len(asked) <= MAX_NAMED:
        edges.update(await step(level))
        level = {other for ident in level for other in edges.get(ident, ())} - asked
        asked |= level
    return {ident: way for ident in ids if (way := _closure(ident, edges)) is not None}


def _closure(start: int, edges: dict[int, list[int]]) -> tuple[int, ...] | None:
    reached, waiting = {start: None}, [start]
    while waiting:
        ident = waiting.pop()
        if ident not in edges or len(reached) > MAX_LINEAGE:
            return None
        for other in edges[ident]:
            if other not in reached:
                reached[other] = None
                waiting.append(other)
    return tuple(reached)[::-1] if len(reached) <= MAX_LINEAGE else None


def _cut(
    whole: dict[Ladder, Lineage], stands: list[tuple[LineageNeed, tuple[Ladder, int]]], above: frozenset[str]
) -> Iterable[Lineage]:
    """The part of the lineages that one record's terms ask for."""
    mine: dict[Ladder, _Wanted] = {}
    for need, (ladder, ident) in stands:
        _want(mine.setdefault(ladder, _Wanted()), need, ident)
    for ladder, wanted in sorted(mine.items()):
        lineage = whole[ladder]
        named = {name: lineage.named[name] for name in sorted(wanted.names & lineage.named.keys())}
        ids = {ident for name in above & named.keys() for ident in named[name]}
        yield lineage.model_copy(
            update={
                "reach": {i: lineage.reach[i] for i in sorted((wanted.reach | ids) & lineage.reach.keys())},
                "shown": {i: lineage.shown[i] for i in sorted((wanted.shown | ids) & lineage.shown.keys())},
                "named": named,
            }
        )
