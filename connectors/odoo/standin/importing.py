"""`load` as Odoo does it (Odoo: `BaseModel.load`, `_load_records`, `ir.fields.converter`)."""

import contextlib
from collections.abc import Sequence
from typing import Any

from connectors.odoo.standin.convert import converted
from connectors.odoo.standin.external_ids import find
from connectors.odoo.standin.faults import OdooFault, ValidationFault
from connectors.odoo.standin.models import Field
from connectors.odoo.standin.orm import Orm
from connectors.odoo.standin.store import Record

_ENOUGH = 10
_MANY = (
    "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors."
)


def load(orm: Orm, model: str, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> Record:
    """All rows or none; every bad row is named in `messages` by `rows`, up to ten that fail when written."""
    orm.fields_get(model)
    for name in fields:
        if name.partition("/")[0] not in (*orm.store.models[model].fields, ".id"):
            raise KeyError(name)
    messages: list[Record] = []
    ids: list[int] = []
    with contextlib.suppress(_RolledBackError), orm.store.savepoint():
        _write_all(orm, model, _convert_all(orm, model, fields, data, messages), ids, messages)
        _roll_back_if_bad(messages)
    bad = any(message["type"] == "error" for message in messages)
    return {"ids": False if bad else ids, "messages": messages, "nextrow": 0}


class _RolledBackError(Exception):
    pass


def _roll_back_if_bad(messages: list[Record]) -> None:
    if any(message["type"] == "error" for message in messages):
        raise _RolledBackError


def _convert_all(
    orm: Orm, model: str, fields: Sequence[str], data: Sequence[Sequence[Any]], messages: list[Record]
) -> list[tuple[str | None, Record]]:
    rows: list[tuple[str | None, Record]] = []
    for number, row in enumerate(data):
        values: Record = {}
        xml_id: str | None = None
        for path, cell in zip(fields, row, strict=True):
            name, _, sub = path.partition("/")
            if name == "id":
                xml_id = cell or None
                continue
            field = orm.store.models[model].fields[name]
            try:
                if field.inverse is not None:
                    _convert_line(orm, field, sub, cell, values.setdefault(name, [[0, 0, {}]])[0][2])
                else:
                    values[name] = converted(orm, field, sub or None, cell)
            except ValueError as error:
                messages.append(_message(number, str(error), name, field.string))
        module = orm.context.get("module", "__import__")
        rows.append((f"{module}.{xml_id}" if xml_id and "." not in xml_id else xml_id, values))
    return rows


def _convert_line(orm: Orm, field: Field, path: str, cell: Any, line: Record) -> None:
    """One cell of a one2many's line; a record has at most one line here (Odoo: further rows would hold more)."""
    name, _, sub = path.partition("/")
    line[name] = converted(orm, orm.store.models[field.relation or ""].fields[name], sub or None, cell)


def _write_all(
    orm: Orm, model: str, rows: list[tuple[str | None, Record]], ids: list[int], messages: list[Record]
) -> None:
    errors = 0
    for number, (xml_id, values) in enumerate(rows):
        try:
            with orm.store.savepoint():
                ids.append(_write_one(orm, model, xml_id, values))
        except ValidationFault as error:
            messages.append(_message(number, error.in_load, error.field))
            errors += 1
        except OdooFault as error:
            messages.append(_message(number, str(error)))
            errors += 1
        except Exception as error:  # Odoo names any failure as the row's
            text = f"Unknown error during import: {type(error)}: {error}"
            messages.append(_message(number, text) | {"moreinfo": "Resolve other errors first"})
            errors += 1
        if errors >= _ENOUGH and errors >= (number + 1) / _ENOUGH:
            messages.append({"type": "warning", "message": _MANY})
            break


def _write_one(orm: Orm, model: str, xml_id: str | None, values: Record) -> int:
    update = orm.context.get("mode", "init") == "update"
    if xml_id is None:
        if update:
            raise KeyError("record")
        return orm.create(model, values)  # type: ignore[return-value]  # one dict gives one id
    known = find(orm, xml_id)
    if known is not None:
        if known["model"] != model:
            raise ValidationFault(
                f"For external id {xml_id} when trying to create/update a record of model {model} "
                f"found record of different model {known['model']} ({known['id']})"
            )
        if not (update and known["noupdate"]):
            orm.write(model, known["res_id"], values)
        return int(known["res_id"])
    module, _, name = xml_id.partition(".")
    created = orm.create(model, values)
    reference = {"module": module, "name": name, "model": model, "res_id": created}
    Orm(orm.store, 2, {}).create("ir.model.data", reference | {"noupdate": bool(orm.context.get("noupdate", False))})
    return created  # type: ignore[return-value]  # one dict gives one id


def _message(number: int, text: str, field: str | None = None, label: str | None = None) -> Record:
    message: Record = {"rows": {"from": number, "to": number}, "type": "error", "record": number, "message": text}
    if field is not None:
        message["field"] = field
    if label is not None:
        message["field_name"] = label
    return message
