"""What Odoo knew of a record when the event was made: frozen, typed, and enough to evaluate a domain without Odoo."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from schemas.base import Record, Timestamp, empty

MAX_FIELDS = 500
MAX_RECORDS = 2_000
MAX_LINEAGE = 200
MAX_NAMED = 10_000

ScalarType = Literal[
    "char", "text", "html", "selection", "boolean", "integer", "float", "monetary",
    "date", "datetime", "many2one_reference", "reference",
]  # fmt: skip
RelationType = Literal["many2one", "one2many", "many2many"]
FieldType = ScalarType | RelationType


class Scalar(Record):
    """A value that is no record. Null is what Odoo reads as False (text, dates, references), 0 or 0.0 (numbers).

    A date is `YYYY-MM-DD`, a datetime `YYYY-MM-DD HH:MM:SS` in UTC, with `.ffffff` where it is known: JSON-RPC cuts
    the fraction off, and Odoo compares with it. A reference is `model,id`.
    """

    type: ScalarType
    value: bool | int | FiniteFloat | str | None = None


class Relation(Record):
    """Related records, in Odoo's order, as a plain read of the field gives them: of x2many fields the active ones."""

    type: RelationType
    relation: str = Field(description="the model of the related records, also when there are none")
    records: Annotated[tuple[Snapshot, ...], Field(max_length=MAX_RECORDS)] = ()
    archived: Annotated[tuple[Snapshot, ...], Field(max_length=MAX_RECORDS)] | None = Field(
        default=None,
        description="linked records that the read leaves out; null: not asked for. Only child_of, parent_of see them",
    )


FieldValue = Annotated[Scalar | Relation, Field(discriminator="type")]


class Lineage(Record):
    """Where records stand in a hierarchy: what `child_of` and `parent_of` need.

    `reach` holds for a record all ids that following the parent reaches, root first, itself last: for child_of the
    records that the path ends at, for parent_of the ids that the domain names. `named` holds for a name in a domain
    the ids that `name_search(name, operator='ilike', limit=None)` finds, archived ones included; Odoo compares names
    in the database, which cannot be repeated elsewhere.
    """

    model: str
    field: str = Field(
        default="",
        description="empty: the model's own parent (`_parent_name`); else a relation of the model to itself",
    )
    reach: dict[int, Annotated[tuple[int, ...], Field(max_length=MAX_LINEAGE)]] = Field(
        default_factory=dict, max_length=MAX_NAMED
    )
    shown: dict[int, Annotated[tuple[int, ...], Field(max_length=MAX_LINEAGE)]] = Field(
        default_factory=dict,
        max_length=MAX_NAMED,
        description="for parent_of along a one2many: `reach` as the field reads, which may leave records out",
    )
    named: dict[str, Annotated[tuple[int, ...], Field(max_length=MAX_NAMED)]] = Field(
        default_factory=dict, max_length=MAX_FIELDS
    )


class Snapshot(Record):
    """A record with the fields that were asked for. `types`, `lineages`, `unknown`: at the outermost one."""

    model: str
    id: int
    display_name: str | None = Field(default=None, description="null where Odoo has none")
    fields: Annotated[dict[str, FieldValue], Field(max_length=MAX_FIELDS)] = Field(default_factory=dict)
    types: Annotated[dict[str, FieldType], Field(max_length=MAX_FIELDS)] = Field(
        default_factory=dict,
        description="the type at every dotted path that was asked for: it decides where a relation on the way is empty",
    )
    lineages: Annotated[tuple[Lineage, ...], Field(max_length=100)] = ()
    unknown: Annotated[tuple[str, ...], Field(max_length=MAX_FIELDS)] = Field(
        default=(), exclude_if=empty, description="paths asked for that this Odoo does not have, or does not show"
    )


FactSubject = Literal["message", "partner", "record"]
"""What a domain may be about: the mail itself, its sender's partner, the record that it belongs to."""


class OdooFacts(Record):
    """What ingest asked Odoo for one mail, because rules name it. Frozen before the event was first published.

    A subject that was asked for and is neither missing nor there does not exist: the sender is no partner, the mail
    belongs to no record. It stands there as a snapshot with id 0, which has the types of the paths asked for.
    """

    read_at: Timestamp
    missing: tuple[FactSubject, ...] = Field(default=(), description="asked for, and not answered in time")
    message: Snapshot | None = Field(default=None, description="null: not asked for, or the mail is not in Odoo")
    partner: Snapshot | None = None
    record: Snapshot | None = None


Relation.model_rebuild()
Snapshot.model_rebuild()
OdooFacts.model_rebuild()
