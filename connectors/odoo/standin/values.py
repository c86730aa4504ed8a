"""Checks and defaults of the values of a record (Odoo: `fields.py`, `models.create`, the table's constraints)."""

from typing import Any

from connectors.odoo.standin.faults import ValidationFault
from connectors.odoo.standin.models import CALLER, Field, Model
from connectors.odoo.standin.store import Record, Store

_UNSET = (
    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
    "- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n"
)


def checked(store: Store, model: str, values: Record, before: Record | None = None) -> Record:
    """The values as they are stored; `before`: the record that they change.

    Raises ValueError and ValidationFault in Odoo's words.
    """
    clean: Record = {}
    for name, value in values.items():
        field = store.models[model].fields.get(name)
        if field is None:
            raise ValueError(f"Invalid field {name!r} on model {model!r}")
        linked = (before or {}).get(name) or []
        clean[name] = _linked(value, linked) if field.type == "many2many" else _value(store, model, name, field, value)
        _require(store.models[model], model, name, field, clean[name])
    return clean


def completed(store: Store, model: str, values: Record, uid: int) -> Record:
    """A new record: defaults, what Odoo computes from the customer, required fields."""
    record: Record = {}
    for name, field in store.models[model].fields.items():
        if name in values:
            record[name] = values[name]
        elif field.default is not False:
            record[name] = uid if field.default == CALLER and field.relation == "res.users" else field.default
    if model == "crm.lead" and record.get("partner_id"):
        record = _from_customer(store.tables["res.partner"][record["partner_id"]]) | record
    for name, field in store.models[model].fields.items():
        _require(store.models[model], model, name, field, record.get(name, False))
    return record


def require_unique(store: Store, model: str, record: Record, record_id: int) -> None:
    """Raises ValidationFault when another record holds the same values in fields that are unique together."""
    for names, text in store.models[model].unique:
        others = store.having(model, names[-1], record.get(names[-1]))
        for other in store.tables[model] if others is None else others:
            held = store.tables[model][other]
            if other != record_id and all(held.get(name) == record.get(name) for name in names):
                label = store.models[model].fields[names[0]].string
                probably = f"(this is probably '{label}' in the current model)"
                in_load = f"The value for the field '{names[0]}' already exists {probably}."
                raise ValidationFault(f"The operation cannot be completed: {text}", in_load, names[0])


def _require(described: Model, model: str, name: str, field: Field, value: Any) -> None:
    if field.required and value is False:
        where = f"Model: {described.label} ({model})\nField: {field.string} ({name})\n"
        in_load = f"Missing required value for the field '{field.string}' ({name})"
        raise ValidationFault(_UNSET + where, in_load, name)


def _value(store: Store, model: str, name: str, field: Field, value: Any) -> Any:
    if value is None or value is False:
        return False
    if field.type == "selection" and value not in dict(field.selection):
        raise ValueError(f"Wrong value for {model}.{name}: {value!r}")
    if field.type == "many2one" and value not in store.tables[field.relation or ""]:
        label, constraint = store.models[model].label, f"{model.replace('.', '_')}_{name}_fkey"
        raise ValidationFault(
            "The operation cannot be completed: another model requires the record being deleted. "
            f"If possible, archive it instead.\n\nModel: {label} ({model})\nConstraint: {constraint}\n"
        )
    if field.type == "html":
        text = str(value)
        return text if text.lstrip().startswith("<") else f"<p>{text}</p>"
    return value


def _linked(value: Any, before: list[int]) -> list[int]:
    linked = set(before)
    for command in value or []:
        if isinstance(command, int):
            linked.add(command)
        elif command[0] == 6:
            linked = set(command[2])
        elif command[0] == 4:
            linked.add(command[1])
        elif command[0] == 3:
            linked.discard(command[1])
        elif command[0] == 5:
            linked.clear()
    return sorted(linked)


def _from_customer(partner: Record) -> Record:
    company = partner.get("is_company", False)
    facts = {"email_from": partner.get("email", False), "phone": partner.get("phone", False)}
    facts["partner_name" if company else "contact_name"] = partner.get("name", False)
    return facts
