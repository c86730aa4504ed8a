"""Asking a real Odoo: fresh domains, what it answers, and the snapshots on which we must answer the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from schemas.domain import hierarchical, parse
from schemas.facts import Lineage, Snapshot
from tests.contract.odoo_domain.client import RealOdoo
from tests.contract.odoo_domain.generate import Generator, Known
from tests.contract.odoo_domain.world import TREES, World

Answered = bool | str
"""What Odoo said; a text is the error that it raised."""


@dataclass(frozen=True)
class Asked:
    """One domain, with Odoo's answers by the number of the snapshot."""

    domain: list[Any]
    answers: dict[int, Answered]


@dataclass(frozen=True)
class Recording:
    """Everything that answering again needs."""

    snapshots: list[Snapshot]
    lineages: list[Lineage]
    asked: list[Asked]


def ask(odoo: RealOdoo, world: World, *, seed: int, shares: tuple[float, int], records: int) -> Recording:
    """`shares`: the part of the systematic domains, and how many random ones there are for a model."""
    chooser = Random(seed)
    generator = Generator(known(odoo, world), seed)
    snapshots: list[Snapshot] = []
    asked: list[Asked] = []
    for model, tree in TREES.items():
        ids = world.ids.get(model) or odoo(model, "search", [], limit=12)
        places = {ident: len(snapshots) + number for number, ident in enumerate(ids)}
        snapshots += [Snapshot.model_validate(raw) for raw in odoo.freeze(model, ids, tree)]
        kept, many = shares
        domains = [domain for domain in generator.each_kind(model) if chooser.random() < kept]
        domains += generator.random(model, many)
        asks = [(domain, sorted(chooser.sample(ids, min(records, len(ids))))) for domain in domains]
        for start in range(0, len(asks), 200):
            batch = asks[start : start + 200]
            for (domain, chosen), answers in zip(batch, odoo.ask(model, batch), strict=True):
                asked.append(Asked(domain, {places[one]: said for one, said in zip(chosen, answers, strict=True)}))
    return Recording(snapshots, _with_names(odoo, world.lineages, asked), asked)


def known(odoo: RealOdoo, world: World) -> Known:
    """What the generator makes domains of."""
    fields: dict[str, dict[str, Any]] = {}

    def walk(model: str, tree: dict[str, Any], prefix: str) -> list[tuple[str, str, str]]:
        if model not in fields:
            fields[model] = odoo(model, "fields_get", [], attributes=["type", "relation"])
        found = []
        for name, inner in tree.items():
            field = fields[model][name]
            found.append((prefix + name, field["type"], field.get("relation") or ""))
            if inner:
                found += walk(field["relation"], inner, f"{prefix}{name}.")
        return found

    paths = {model: walk(model, tree, "") for model, tree in TREES.items()}
    return Known(
        types={model: {path: kind for path, kind, _ in found} for model, found in paths.items()},
        relations={model: {path: relation for path, _, relation in found} for model, found in paths.items()},
        ids={**world.ids},
    )


def _with_names(odoo: RealOdoo, lineages: Sequence[Lineage], asked: Sequence[Asked]) -> list[Lineage]:
    names: set[str] = set()
    for one in asked:
        try:
            leaves = hierarchical(parse(one.domain))
        except ValueError:
            continue
        values = [leaf.value if isinstance(leaf.value, tuple) else (leaf.value,) for leaf in leaves]
        names.update(value for group in values for value in group if isinstance(value, str))
    found = {
        model: {name: odoo.found(model, name) for name in sorted(names)} for model in {one.model for one in lineages}
    }
    return [one.model_copy(update={"named": {k: tuple(v) for k, v in found[one.model].items()}}) for one in lineages]
