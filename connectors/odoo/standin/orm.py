"""What Odoo's ORM does to the stand-in's records (Odoo: `models.BaseModel`): rights, checks, defaults, search."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connectors.odoo.standin.domains import exact, fields_of, matches
from connectors.odoo.standin.faults import AccessFault, MissingFault, OdooFault
from connectors.odoo.standin.models import Field
from connectors.odoo.standin.store import Record, Store
from connectors.odoo.standin.values import checked, completed, require_unique

ADMIN = 2
_HIDDEN = ("ir.model.data", "ir.module.module")
_VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}


class Orm:
    """One call's view of the store: as one user, with one context."""

    def __init__(self, store: Store, uid: int, context: dict[str, Any]) -> None:
        self.store = store
        self.uid = uid
        self.context = context

    def check_access(self, model: str, mode: str) -> None:
        """Raises AccessFault in Odoo's words; everyone but the administrator may only read, and not everything."""
        if model not in self.store.models:
            raise OdooFault(f"Object {model} doesn't exist")
        if self.uid == ADMIN or (mode == "read" and model not in _HIDDEN):
            return
        raise AccessFault(
            f"You are not allowed to {_VERBS[mode]} '{self.store.models[model].label}' ({model}) records.\n\n"
            "This operation is allowed for the following groups:\n\t- Administration/Access Rights\n\n"
            "Contact your administrator to request access if necessary."
        )

    def fields_get(
        self, model: str, allfields: Sequence[str] = (), attributes: Sequence[str] = ()
    ) -> dict[str, dict[str, Any]]:
        described = {name: field.described() for name, field in self.store.models[model].fields.items()}
        return {
            name: {key: value for key, value in facts.items() if not attributes or key in attributes}
            for name, facts in described.items()
            if not allfields or name in allfields
        }

    def create(self, model: str, vals_list: Record | list[Record]) -> int | list[int]:
        self.check_access(model, "create")
        if isinstance(vals_list, dict):
            return self._create_one(model, vals_list)
        return [self._create_one(model, values) for values in vals_list]

    def write(self, model: str, ids: int | list[int], vals: Record) -> bool:
        self.check_access(model, "write")
        for record_id in _ids(ids):
            before = self.get(model, record_id)
            values = checked(self.store, model, vals, before)
            record = {**before, **values, "write_uid": self.uid, "write_date": _now()}
            record |= self._normalized(model, record)
            require_unique(self.store, model, record, record_id)
            self.store.put(model, record_id, record)
        return True

    def unlink(self, model: str, ids: int | list[int]) -> bool:
        self.check_access(model, "unlink")
        for record_id in _ids(ids):
            self.get(model, record_id)
            self.store.put(model, record_id, None)
            for attached in ("ir.model.data", "mail.message"):
                for other in sorted(self.store.having(attached, "res_id", record_id) or ()):
                    if self.store.tables[attached][other].get("model") == model:
                        self.store.put(attached, other, None)
        return True

    def search(
        self, model: str, domain: list[Any], offset: int = 0, limit: int | None = None, order: str | None = None
    ) -> list[int]:
        self.check_access(model, "read")
        for name in fields_of(domain):
            if name not in self.store.models[model].fields and name not in ("0", "1"):
                raise ValueError(f"Invalid field {model}.{name} in leaf")
        hidden = "active" in self.store.models[model].fields and self.context.get("active_test", True)
        if hidden and "active" not in fields_of(domain):
            domain = [*domain, ["active", "=", True]] if domain else [["active", "=", True]]
        found = [i for i in self._candidates(model, domain) if matches(domain, partial(self._value, model, i))]
        for part in reversed((order or self.store.models[model].order).split(",")):
            field, _, direction = part.strip().partition(" ")
            found.sort(key=lambda i: _sortable(self._value(model, i, field)), reverse=direction.lower() == "desc")
        return found[offset : None if not limit else offset + limit]

    def search_count(self, model: str, domain: list[Any], limit: int | None = None) -> int:
        return len(self.search(model, domain, limit=limit))

    def search_read(
        self,
        model: str,
        domain: list[Any] | None = None,
        fields: list[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Record]:
        found = self.search(model, domain or [], offset, limit, order)
        # Odoo searches with this and reads without it.
        kept = {key: value for key, value in self.context.items() if key != "active_test"}
        return Orm(self.store, self.uid, kept).read(model, found, fields)

    def read(self, model: str, ids: int | list[int], fields: list[str] | None = None) -> list[Record]:
        self.check_access(model, "read")
        names = fields or list(self.store.models[model].fields)
        for name in names:
            if name not in self.store.models[model].fields:
                raise ValueError(f"Invalid field {name!r} on model {model!r}")
        table = self.store.tables[model]
        return [
            {"id": i} | {name: self._shown(model, name, self._value(model, i, name)) for name in names}
            for i in _ids(ids)
            if i in table
        ]

    def get(self, model: str, record_id: int) -> Record:
        """The stored record. Raises MissingFault in Odoo's words."""
        record = self.store.tables[model].get(record_id)
        if record is None:
            where = f"(Record: {model}({record_id},), User: {self.uid})"
            raise MissingFault(f"Record does not exist or has been deleted.\n{where}")
        return record

    def _create_one(self, model: str, vals: Record) -> int:
        fields = self.store.models[model].fields
        given = {name[8:]: value for name, value in self.context.items() if name.startswith("default_")}
        values = {name: value for name, value in given.items() if name in fields} | vals
        children = {name: values.pop(name) for name in list(values) if name in fields and fields[name].inverse}
        record = completed(self.store, model, checked(self.store, model, values), self.uid)
        self._check_document(model, record)
        record |= self._normalized(model, record)
        now = _now()
        record |= {"create_uid": self.uid, "write_uid": self.uid, "create_date": now, "write_date": now}
        record_id = self.store.next_id(model)
        require_unique(self.store, model, record, record_id)
        self.store.put(model, record_id, record)
        for name, lines in children.items():
            for _, _, line in lines:
                self._create_one(fields[name].relation or "", {**line, fields[name].inverse or "": record_id})
        return record_id

    def _check_document(self, model: str, record: Record) -> None:
        """An activity is on a record that exists (Odoo: computing `res_name` reads it)."""
        if model == "mail.activity":
            self.get(str(record.get("res_model")), int(record.get("res_id") or 0))

    def _candidates(self, model: str, domain: list[Any]) -> list[int]:
        table = self.store.tables[model]
        for field, values in exact(domain):
            if field == "id":
                return sorted(value for value in set(values) if value in table)
            found: set[int] | None = set()
            for value in values:
                having = self.store.having(model, field, value)
                found = None if having is None or found is None else found | having
            if found is not None:
                return sorted(found)
        return sorted(table)

    def _value(self, model: str, record_id: int, path: str) -> Any:
        name, _, rest = path.partition(".")
        record = self.store.tables[model].get(record_id, {})
        if name == "id":
            return record_id
        if (model, name) == ("res.partner", "partner_share"):
            return not self._is_employee(record_id)
        if name == "display_name":
            return record.get(self.store.models[model].title, False)
        field = self.store.models[model].fields[name]
        value = self._linked(field, record_id) if field.inverse else self._stored(field, record.get(name, False))
        relation = self.store.models[model].fields[name].relation
        if not rest or relation is None:
            return value
        many = [self._value(relation, other, rest) for other in (value if isinstance(value, list) else [value])]
        return many if isinstance(value, list) else many[0]

    def _is_employee(self, partner: int) -> bool:
        """Whether it is the contact of an active internal user (Odoo: `res.partner._compute_partner_share`)."""
        users = self.store.tables["res.users"].values()
        return any(user["partner_id"] == partner and user["active"] and not user.get("share") for user in users)

    def _linked(self, field: Field, record_id: int) -> list[int]:
        """A one2many as a search gives it (Odoo: `fields.One2many.read`)."""
        return self.search(field.relation or "", [[field.inverse, "=", record_id]])

    def _stored(self, field: Field, value: Any) -> Any:
        """A many2many without its archived records, unless the context asks for them."""
        if field.type != "many2many":
            return value
        relation = field.relation or ""
        active = self.context.get("active_test", True) and "active" in self.store.models[relation].fields
        table = self.store.tables[relation]
        return [i for i in value or [] if i in table and (not active or table[i].get("active"))]

    def name_search(
        self,
        model: str,
        name: str = "",
        args: list[Any] | None = None,
        operator: str = "ilike",
        limit: int | None = 100,
    ) -> list[list[Any]]:
        domain = [[self.store.models[model].title, operator, name], *(args or [])]
        return [[i, self._value(model, i, "display_name")] for i in self.search(model, domain, limit=limit)]

    def _normalized(self, model: str, record: Record) -> Record:
        """What Odoo computes from an address that holds one and nothing else, and from the content of a file."""
        if model == "ir.attachment":
            return {"file_size": len(base64.b64decode(record.get("datas") or ""))}
        if "email_normalized" not in self.store.models[model].fields:
            return {}
        return {"email_normalized": str(record.get("email") or "").strip().lower() or False}

    def _shown(self, model: str, name: str, value: Any) -> Any:
        field = self.store.models[model].fields[name]
        if value is False and field.type in ("integer", "float", "monetary"):
            return 0
        if field.type != "many2one" or not value or field.relation is None:
            return value
        return [value, self._value(field.relation, value, "display_name")]


def _ids(ids: int | list[int]) -> list[int]:
    return [ids] if isinstance(ids, int) else list(ids)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _sortable(value: Any) -> tuple[int, Any]:
    # Postgres puts NULL last
    return (1, 0) if value is False else (0, value)
