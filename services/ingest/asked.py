"""What the rules of a mailbox ask of Odoo together: one need for the sender's partner, one for each model of record.

A domain on the mail itself asks nothing but its author: mail from a mailbox is read as a virtual mail.message, whose
author is the sender's partner (docs/reference/facts.md). Mail that lies in Odoo has a real one, which is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.facts import FactSubject
from schemas.needs import LineageNeed, Need

PARTNER = "res.partner"
_AUTHOR = "author_id"


@dataclass(frozen=True, slots=True)
class Asked:
    """`partner`, `message`: None when no rule needs it. `records`: by model, each once."""

    partner: Need | None = None
    records: tuple[Need, ...] = ()
    message: Need | None = None

    @property
    def subjects(self) -> tuple[FactSubject, ...]:
        """What is asked about; nothing: Odoo is not asked."""
        asked: tuple[tuple[FactSubject, object], ...] = (
            ("message", self.message),
            ("partner", self.partner),
            ("record", self.records),
        )
        return tuple(subject for subject, needs in asked if needs)

    def only(self, subjects: Sequence[FactSubject]) -> "Asked":
        """Of these subjects alone."""
        return Asked(
            self.partner if "partner" in subjects else None,
            self.records if "record" in subjects else (),
            self.message if "message" in subjects else None,
        )


def asked_of(needs: Iterable[Need], *, hosted: bool = False) -> Asked:
    """All needs as one; the same for the same needs in any order. `hosted`: the mail lies in Odoo."""
    partner: list[Need] = []
    message: list[Need] = []
    records: dict[str, list[Need]] = {}
    for need in needs:
        if need.on == "record":
            records.setdefault(need.model, []).append(need)
        elif need.on == "partner":
            partner.append(need)
        elif hosted:
            message.append(need)
        elif author := _of_author(need):
            partner.append(author)
    return Asked(
        _merged(partner) if partner else None,
        tuple(_merged(found) for _, found in sorted(records.items())),
        _merged(message) if message else None,
    )


def _merged(needs: Sequence[Need]) -> Need:
    paths = {path for need in needs for path in need.paths}
    lineages = {lineage: None for need in needs for lineage in need.lineages}
    ordered = sorted(lineages, key=lambda one: (one.path, one.operator, one.ids, one.names))
    return Need(on=needs[0].on, model=needs[0].model, paths=tuple(sorted(paths)), lineages=tuple(ordered))


def _of_author(need: Need) -> Need | None:
    """What a domain on the mail reads of its author; None when it reads nothing."""
    paths = [path for path in need.paths if _below(path) is not None]
    lineages = [lineage for lineage in need.lineages if _below(lineage.path) is not None]
    if not paths and not lineages:
        return None
    return Need(
        on="partner",
        model=PARTNER,
        paths=tuple(below for path in paths if (below := _below(path))),
        lineages=tuple(_moved(lineage) for lineage in lineages),
    )


def _moved(lineage: LineageNeed) -> LineageNeed:
    return lineage.model_copy(update={"path": _below(lineage.path) or "id"})


def _below(path: str) -> str | None:
    """The path from the author on, empty for the author; None for any other path."""
    first, _, rest = path.partition(".")
    return rest if first == _AUTHOR else None
