"""What a rule asks of a mail: a tree of all / any / none over typed leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from schemas.base import Authored
from schemas.byte_count import ByteCount
from schemas.domain import Domain, ModelName
from schemas.field_name import FieldName
from schemas.pattern import MAX_PATTERN_CHARS, check_pattern
from schemas.window import Date, Hours, TimeZone

MAX_DEPTH = 12
MAX_LEAVES = 500

Value = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Values = Annotated[tuple[Value, ...], Field(min_length=1, max_length=1000)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PATTERN_CHARS), AfterValidator(check_pattern)]
Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=20)]
TEXT_OPERATORS = ("equals", "contains", "starts", "ends", "matches")


class TextLeaf(Authored):
    """A leaf that compares text, case folded. Exactly one operator; any one of its values suffices."""

    instead: ClassVar[tuple[str, ...]] = ()
    """Fields of a kind that may stand in place of an operator."""

    equals: Values | None = None
    contains: Values | None = None
    starts: Values | None = None
    ends: Values | None = None
    matches: Patterns | None = Field(default=None, description="regular expressions (RE2), found anywhere in the text")

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        known = (*TEXT_OPERATORS, *self.instead)
        given = [name for name in known if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(known)}; found {', '.join(given) or 'none'}")
        return self

    @property
    def operator(self) -> str:
        """The one operator that is given; empty when another field stands in its place."""
        return next((name for name in TEXT_OPERATORS if getattr(self, name) is not None), "")

    @property
    def values(self) -> tuple[str, ...]:
        """The values of that operator."""
        found: tuple[str, ...] = getattr(self, self.operator) if self.operator else ()
        return found


class SenderIs(TextLeaf):
    """The address of the first From mailbox."""

    type: Literal["sender"]


class SenderDomainIs(Authored):
    """The domain of that address; subdomains only when asked."""

    type: Literal["sender_domain"]
    equals: Values
    subdomains: bool = False


class SubjectIs(TextLeaf):
    """The decoded subject."""

    type: Literal["subject"]


class RecipientIs(TextLeaf):
    """The addresses of To, Cc or both; any one of them suffices."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: Literal["recipient"]
    where: Literal["to", "cc", "any"] = Field(default="any", alias="in")


class HeaderIs(TextLeaf):
    """The decoded values of a header; any one of its occurrences suffices. Or whether it is there at all."""

    instead: ClassVar[tuple[str, ...]] = ("present",)

    type: Literal["header"]
    name: FieldName
    present: bool | None = None


class ExcerptIs(TextLeaf):
    """The beginning of the mail's text, every run of white space as one space."""

    type: Literal["excerpt"]


MediaType = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9!#$&^_.+-]+/([A-Za-z0-9!#$&^_.+-]+|\*)$", max_length=200)
]


class AttachmentsAre(Authored):
    """Whether the mail has at least one attachment that meets everything else that is given, or has none such."""

    type: Literal["attachments"]
    present: bool
    name: TextLeaf | None = None
    content_type: Annotated[tuple[MediaType, ...], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="such as application/pdf or image/*; any one of them suffices"
    )
    larger_than: ByteCount | None = Field(default=None, description="bytes, or text such as 2 MB")
    smaller_than: ByteCount | None = Field(default=None, description="bytes, or text such as 2 MB")

    @model_validator(mode="after")
    def _sizes_leave_room(self) -> Self:
        if self.larger_than is not None and self.smaller_than is not None and self.smaller_than <= self.larger_than + 1:
            raise ValueError("no size is both larger than larger_than and smaller than smaller_than")
        return self


class DateIs(Authored):
    """The day on which the mail was received, as the calendar in `time_zone` shows it."""

    type: Literal["date"]
    on_or_after: Date | None = Field(default=None, description="the first day")
    before: Date | None = Field(default=None, description="the day after the last one")
    time_zone: TimeZone = Field(default="UTC", max_length=60, description="a name of the IANA database")

    @model_validator(mode="after")
    def _some_day_is_left(self) -> Self:
        if self.on_or_after is None and self.before is None:
            raise ValueError("give on_or_after, before or both")
        if self.on_or_after and self.before and self.before <= self.on_or_after:
            raise ValueError("before must be later than on_or_after: before is the day after the last one")
        return self


class BusinessHoursAre(Hours):
    """Whether the mail was received inside recurring hours, or outside of them."""

    type: Literal["business_hours"]
    inside: bool = True

    @model_validator(mode="after")
    def _hours_are_given(self) -> Self:
        if not (self.days or self.from_ or self.to or self.closed):
            raise ValueError("give at least one of days, from, to, closed")
        return self


class ReplyStateIs(Authored):
    """Where the mail stands in its conversation."""

    type: Literal["reply_state"]
    equals: Literal["reply", "new", "first_contact", "known_sender", "answered", "unanswered", "automatic", "personal"]


class OdooDomainIs(Authored):
    """An Odoo domain over the mail as `mail.message`, over its sender's partner, or over the record it belongs to.

    It means what Odoo's `filtered_domain` means. A sender without a partner, and a mail without a record of `model`,
    are in no domain.
    """

    type: Literal["odoo_domain"]
    on: Literal["message", "partner", "record"]
    record_model: ModelName | None = Field(
        default=None, alias="model", description="for `on: record`, the model that the domain is about"
    )
    domain: Domain

    model_config = ConfigDict(serialize_by_alias=True)

    @model_validator(mode="after")
    def _a_record_has_a_model(self) -> Self:
        if (self.on == "record") != (self.record_model is not None):
            raise ValueError("give a model, such as crm.lead, with `on: record`, and only there")
        return self

    @property
    def model(self) -> str:
        """The model that the domain is about."""
        return self.record_model or {"message": "mail.message", "partner": "res.partner"}[self.on]


class AllOf(Authored):
    """Every one holds (an empty list always holds)."""

    all: Annotated[tuple[Condition, ...], Field(max_length=200)]


class AnyOf(Authored):
    """At least one holds."""

    any: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=200)]


class NoneOf(Authored):
    """Not one holds."""

    none: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=200)]


Leaf = (
    SenderIs
    | SenderDomainIs
    | SubjectIs
    | RecipientIs
    | HeaderIs
    | ExcerptIs
    | AttachmentsAre
    | ReplyStateIs
    | DateIs
    | BusinessHoursAre
    | OdooDomainIs
)
Group = AllOf | AnyOf | NoneOf


def _tag(value: Any) -> str | None:
    """Which alternative a value is meant to be; its answer names the field in a validation error."""
    for group in ("all", "any", "none"):
        if (isinstance(value, dict) and group in value) or (not isinstance(value, dict) and hasattr(value, group)):
            return group
    found = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return found if isinstance(found, str) else None


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[NoneOf, Tag("none")]
    | Annotated[SenderIs, Tag("sender")]
    | Annotated[SenderDomainIs, Tag("sender_domain")]
    | Annotated[SubjectIs, Tag("subject")]
    | Annotated[RecipientIs, Tag("recipient")]
    | Annotated[HeaderIs, Tag("header")]
    | Annotated[ExcerptIs, Tag("excerpt")]
    | Annotated[AttachmentsAre, Tag("attachments")]
    | Annotated[ReplyStateIs, Tag("reply_state")]
    | Annotated[DateIs, Tag("date")]
    | Annotated[BusinessHoursAre, Tag("business_hours")]
    | Annotated[OdooDomainIs, Tag("odoo_domain")],
    Discriminator(_tag),
]

for _group in (AllOf, AnyOf, NoneOf):
    _group.model_rebuild()


def members(condition: Leaf | Group) -> tuple[Leaf | Group, ...]:
    """The children of a group; none for a leaf."""
    if isinstance(condition, AllOf):
        return condition.all
    if isinstance(condition, AnyOf):
        return condition.any
    if isinstance(condition, NoneOf):
        return condition.none
    return ()


def leaves(condition: Leaf | Group) -> Iterator[Leaf]:
    """The leaves of a tree, in its order."""
    if isinstance(condition, AllOf | AnyOf | NoneOf):
        for child in members(condition):
            yield from leaves(child)
    else:
        yield condition


def check_shape(raw: Any) -> Any:
    """Refuse a tree that is deeper or larger than its bounds, before anything recurses into it."""
    leaves, waiting = 0, [(raw, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"conditions are nested deeper than {MAX_DEPTH} levels; flatten them")
        groups = [node[name] for name in ("all", "any", "none") if name in node] if isinstance(node, dict) else []
        leaves += not groups
        if leaves > MAX_LEAVES:
            raise ValueError(f"more than {MAX_LEAVES} conditions in one rule; split it or list several values in one")
        waiting += [(child, depth + 1) for group in groups if isinstance(group, list | tuple) for child in group]
    return raw
