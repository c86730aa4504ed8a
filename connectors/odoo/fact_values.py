"""A value that Odoo's `read` gave, as a fact; None for one that no domain could be answered on."""

import math
from datetime import datetime
from typing import Any

from connectors.odoo.fact_plan import Column
from schemas.facts import Scalar

MAX_TEXT_CHARS = 32_768
"""A longer text is left out: it would push everything else out of the event."""
_NUMBERS = ("float", "monetary")
_INTEGERS = ("integer", "many2one_reference")
_DATES = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d %H:%M:%S"}
MAX_INTEGER = 2**63


def scalar(column: Column, raw: Any) -> Scalar | None:
    """The value of a field that leads to no record."""
    kind = column.type
    if kind == "boolean":
        return Scalar(type="boolean", value=raw) if isinstance(raw, bool) else None
    if raw is False or raw is None:
        return _made(column, None)
    if kind in _INTEGERS:
        return _made(column, raw) if isinstance(raw, int) and abs(raw) < MAX_INTEGER else None
    if kind in _NUMBERS:
        return _made(column, raw) if isinstance(raw, int | float) and math.isfinite(raw) else None
    text = usable_text(raw)
    if text is None or (kind in _DATES and not _is_moment(text, _DATES[kind])):
        return None
    return _made(column, text)


def usable_text(raw: Any) -> str | None:
    """Text that JSON can carry, within the bound; None otherwise. A selection's key may be a number."""
    text = raw if isinstance(raw, str) else str(raw) if isinstance(raw, int) else None
    if text is None or len(text) > MAX_TEXT_CHARS:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None
    return text


def ids_of(raw: Any) -> list[int]:
    """The ids in what `read` gives for a relation: [id, name] or False of a many2one, a list of an x2many."""
    return [each for each in raw if isinstance(each, int)] if isinstance(raw, list) else []


def _made(column: Column, value: Any) -> Scalar:
    return Scalar.model_validate({"type": column.type, "value": value})


def _is_moment(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - Odoo's are naive, in UTC
    except ValueError:
        return False
    return True
