"""Conditions as formulas: a literal is one leaf with what is said of it, `Every` and `Some` combine them."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Union

from schemas.condition import AllOf, AnyOf, DateIs, Group, Leaf, NoneOf, OdooDomainIs, TextLeaf, members
from services.evaluator.dead_rules.claims import Claim, claim_of


class Status(Enum):
    """What is said of a condition. Only an Odoo domain may be neither true nor false (Kleene's logic)."""

    TRUE = "true"
    FALSE = "false"
    NOT_TRUE = "not true"
    NOT_FALSE = "not false"

    @property
    def opposite(self) -> "Status":
        """Of a member, when that is said of a group `none`: such a group is true where `any` would be false."""
        return _OPPOSITE[self]


_OPPOSITE = {
    Status.TRUE: Status.FALSE,
    Status.FALSE: Status.TRUE,
    Status.NOT_TRUE: Status.NOT_FALSE,
    Status.NOT_FALSE: Status.NOT_TRUE,
}
_TWO_VALUED = {Status.NOT_TRUE: Status.FALSE, Status.NOT_FALSE: Status.TRUE}


class Literal(NamedTuple):
    """`path` leads to the leaf in its rule, as in a finding; `claim` is that of a leaf that compares text."""

    leaf: Leaf
    status: Status
    path: str
    claim: Claim | None = None

    @property
    def held(self) -> bool:
        """Whether the leaf holds; for those that always have an answer."""
        return self.status is Status.TRUE


class Every(NamedTuple):
    """All parts; without parts it is true."""

    parts: tuple["Formula", ...]


class Some(NamedTuple):
    """At least one part; without parts it is false."""

    parts: tuple["Formula", ...]


Formula = Union[Literal, Every, Some]  # noqa: UP007 - names that are strings


def formula_of(condition: Leaf | Group, status: Status, path: str = "") -> Formula:
    """When the condition has that status. As deep as the condition, which its contract bounds."""
    if isinstance(condition, AllOf):
        parts = _parts("all", members(condition), status, path)
        return Every(parts) if status in (Status.TRUE, Status.NOT_FALSE) else Some(parts)
    if isinstance(condition, AnyOf):
        parts = _parts("any", members(condition), status, path)
        return Some(parts) if status in (Status.TRUE, Status.NOT_FALSE) else Every(parts)
    if isinstance(condition, NoneOf):
        parts = _parts("none", members(condition), status.opposite, path)
        return Every(parts) if status in (Status.TRUE, Status.NOT_FALSE) else Some(parts)
    return _literal(condition, status, path)


def _parts(name: str, children: Sequence[Leaf | Group], status: Status, path: str) -> tuple[Formula, ...]:
    return tuple(formula_of(child, status, f"{path}{name}[{number}].") for number, child in enumerate(children))


def _literal(leaf: Leaf, status: Status, path: str) -> Formula:
    if not isinstance(leaf, OdooDomainIs):
        status = _TWO_VALUED.get(status, status)
    path += leaf.type
    if isinstance(leaf, DateIs) and status is Status.FALSE and leaf.on_or_after and leaf.before:
        ends = (leaf.model_copy(update={"before": None}), leaf.model_copy(update={"on_or_after": None}))
        return Some(tuple(Literal(end, status, path) for end in ends))
    return Literal(leaf, status, path, claim_of(leaf) if isinstance(leaf, TextLeaf) and leaf.operator else None)
