"""Values as Odoo's records give them to a comparison: empty is False, 0 or nothing; dates are datetimes in UTC."""

from datetime import datetime
from typing import Any

from schemas.facts import Scalar

_ZERO = {"boolean": False, "integer": 0, "many2one_reference": 0, "float": 0.0, "monetary": 0.0}
MOMENTS = ("date", "datetime")
_FORMAT = "%Y-%m-%d %H:%M:%S"


class Referenced:
    """The record that a `reference` field points at: equal to nothing that a domain can write."""

    __slots__ = ()


_REFERENCED = Referenced()


def value_of(field: Scalar) -> Any:
    """What Odoo's comparison sees of a field."""
    if field.type in MOMENTS:
        return stored_moment(field.value)
    if field.type == "reference":
        return _REFERENCED if field.value else None
    return _ZERO.get(field.type, False) if field.value is None else field.value


def stored_moment(value: Any) -> datetime | None:
    """A date or datetime of a snapshot; a date counts as its midnight."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def authored_moment(value: Any) -> datetime | None:
    """A date or datetime as a domain writes it; ValueError or TypeError where Odoo raises.

    Odoo reads as much of its format as the text is long, so that `2024-12` is the first of December.
    """
    if not value:
        return None
    return datetime.strptime(value, _FORMAT[: len(value) - 2])  # noqa: DTZ007 - Odoo's datetimes are naive, in UTC
