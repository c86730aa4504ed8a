"""Cells of `load`, which are text, into field values (Odoo: `ir.fields.converter`); ValueError in Odoo's words."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.odoo.standin.external_ids import record_by_external_id
from connectors.odoo.standin.models import Field
from connectors.odoo.standin.orm import Orm

_KINDS = {None: "name", "id": "external id", ".id": "database id"}


def converted(orm: Orm, field: Field, sub: str | None, cell: Any) -> Any:
    """One cell. `sub` is "id" (external id), ".id" (database id) or None (a name) for a relational field."""
    if not cell:
        return False
    if field.type == "many2one":
        return _reference(orm, field, sub, cell)
    if field.type == "many2many":
        return [[6, 0, [_reference(orm, field, sub, part) for part in str(cell).split(",")]]]
    return _SCALARS.get(field.type, _same)(field, cell)


def _reference(orm: Orm, field: Field, sub: str | None, cell: Any) -> int:
    relation = field.relation or ""
    found: int | None = None
    if sub == ".id":
        try:
            found = int(cell)
        except ValueError:
            raise ValueError(f"Invalid database id '{cell}' for the field '{field.string}'") from None
    elif sub == "id":
        found = record_by_external_id(orm, str(cell), relation)
    else:
        found = next(iter(orm.search(relation, [[orm.store.models[relation].title, "=", cell]], limit=1)), None)
    if found is None or found not in orm.store.tables[relation]:
        raise ValueError(f"No matching record found for {_KINDS[sub]} '{cell}' in field '{field.string}'")
    return found


def _selection(field: Field, cell: Any) -> str:
    for key, label in field.selection:
        if str(cell).lower() in (key.lower(), label.lower()):
            return key
    raise ValueError(f"Value '{cell}' not found in selection field '{field.string}'")


def _integer(field: Field, cell: Any) -> int:
    try:
        return int(cell)
    except ValueError:
        raise ValueError(f"'{cell}' does not seem to be an integer for field '{field.string}'") from None


def _float(field: Field, cell: Any) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"'{cell}' does not seem to be a number for field '{field.string}'") from None


def _boolean(field: Field, cell: Any) -> bool:
    if cell.lower() in ("1", "true", "yes"):
        return True
    if cell.lower() in ("0", "false", "no"):
        return False
    raise ValueError(f"Unknown value '{cell}' for boolean field '{field.string}'")


def _date(field: Field, cell: Any) -> str:
    return _time(field, cell, "%Y-%m-%d", "date")


def _datetime(field: Field, cell: Any) -> str:
    return _time(field, cell, "%Y-%m-%d %H:%M:%S", "datetime")


def _time(field: Field, cell: Any, form: str, kind: str) -> str:
    try:
        return datetime.strptime(cell, form).strftime(form)  # noqa: DTZ007  # Odoo's are naive, in UTC
    except ValueError:
        raise ValueError(f"'{cell}' does not seem to be a valid {kind} for field '{field.string}'") from None


def _same(_field: Field, cell: Any) -> Any:
    return cell


_SCALARS: dict[str, Callable[[Field, Any], Any]] = {
    "selection": _selection,
    "integer": _integer,
    "many2one_reference": _integer,
    "float": _float,
    "monetary": _float,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
