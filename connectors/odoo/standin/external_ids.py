"""External ids (Odoo: `ir.model.data`): who holds a name."""

from connectors.odoo.standin.faults import AccessFault
from connectors.odoo.standin.orm import Orm
from connectors.odoo.standin.store import Record


def find(orm: Orm, xml_id: str) -> Record | None:
    """The ir.model.data record of an external id, whatever the caller may read."""
    module, _, name = xml_id.partition(".")
    for record_id in orm.store.having("ir.model.data", "name", name) or ():
        record = orm.store.tables["ir.model.data"][record_id]
        if record["module"] == module:
            return {**record, "id": record_id, "noupdate": record.get("noupdate", False)}
    return None


def record_by_external_id(orm: Orm, xml_id: str, model: str) -> int | None:
    """The record of that model under this name. Raises ValueError when the name is another model's."""
    known = find(orm, xml_id)
    if known is None:
        return None
    if known["model"] != model:
        raise ValueError(f"Invalid external ID {xml_id}: expected model {model!r}, found {known['model']!r}")
    return int(known["res_id"])


def check_object_reference(
    orm: Orm,
    module: str,
    xml_id: str,
    raise_on_access_error: bool = False,  # Odoo's signature
) -> list[str | int | bool]:
    """[model, id], or [model, False] when the caller may not see the record (an archived one, by default)."""
    known = find(orm, f"{module}.{xml_id}")
    if known is None:
        raise ValueError(f"External ID not found in the system: {module}.{xml_id}")
    if orm.search(known["model"], [["id", "=", known["res_id"]]]):
        return [known["model"], known["res_id"]]
    if raise_on_access_error:
        raise AccessFault(f"Not enough access rights on the external ID '{module}.{xml_id}'")
    return [known["model"], False]


def get_external_id(orm: Orm, model: str, ids: list[int]) -> dict[str, str]:
    """By record, as JSON writes it; empty where there is none (Odoo: `BaseModel.get_external_id`, for every user)."""
    orm.check_access(model, "read")
    data = orm.store.tables["ir.model.data"]
    named: dict[str, str] = {str(ident): "" for ident in ids}
    for ident in ids:
        for row in sorted(orm.store.having("ir.model.data", "res_id", ident) or ()):
            if data[row]["model"] == model:
                named[str(ident)] = f"{data[row]['module']}.{data[row]['name']}"
    return named
