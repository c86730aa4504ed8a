"""Which Odoo fields a rule needs: computed when it is applied, carried with it, read by ingest, and nothing else."""

from collections.abc import Iterable

from pydantic import Field

from schemas.base import Record
from schemas.condition import Group, Leaf, OdooDomainIs, leaves
from schemas.domain import Terms, hierarchical, needs
from schemas.facts import FactSubject


class LineageNeed(Record):
    """What a `child_of` or `parent_of` term asks about."""

    path: str
    operator: str
    ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


class Need(Record):
    """What the domains of a rule read of one subject."""

    on: FactSubject
    model: str
    paths: tuple[str, ...] = Field(default=(), description="dotted, sorted; ids and display names need no asking")
    lineages: tuple[LineageNeed, ...] = ()


def needs_of(condition: Leaf | Group) -> tuple[Need, ...]:
    """One for each subject and model that the conditions name, sorted; none for most rules."""
    found: dict[tuple[FactSubject, str], list[Terms]] = {}
    for leaf in leaves(condition):
        if isinstance(leaf, OdooDomainIs):
            found.setdefault((leaf.on, leaf.model), []).append(leaf.domain)
    return tuple(_need(on, model, found[on, model]) for on, model in sorted(found))


def _need(on: FactSubject, model: str, domains: Iterable[Terms]) -> Need:
    paths: set[str] = set()
    lineages: dict[LineageNeed, None] = {}
    for domain in domains:
        paths.update(needs(domain))
        for term in hierarchical(domain):
            values = term.value if isinstance(term.value, tuple) else (term.value,)
            lineage = LineageNeed(
                path=str(term.path),
                operator=term.operator,
                ids=tuple(value for value in values if isinstance(value, int) and not isinstance(value, bool)),
                names=tuple(value for value in values if isinstance(value, str)),
            )
            lineages[lineage] = None
    return Need(on=on, model=model, paths=tuple(sorted(paths)), lineages=tuple(lineages))
