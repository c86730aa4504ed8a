"""The services `common` and `object` (Odoo: `service/common.py`, `service/model.py`)."""

from collections.abc import Callable
from typing import Any

from connectors.odoo.standin.access import check_access_rights, has_access
from connectors.odoo.standin.external_ids import check_object_reference, get_external_id
from connectors.odoo.standin.faults import AccessDenied, AccessFault, OdooFault, UnknownDatabase
from connectors.odoo.standin.gateway import message_process
from connectors.odoo.standin.importing import load
from connectors.odoo.standin.orm import Orm
from connectors.odoo.standin.posting import message_post, set_message_done
from connectors.odoo.standin.store import Store

METHODS: dict[str, Callable[..., Any]] = {
    "create": Orm.create,
    "write": Orm.write,
    "unlink": Orm.unlink,
    "search": Orm.search,
    "search_count": Orm.search_count,
    "search_read": Orm.search_read,
    "name_search": Orm.name_search,
    "read": Orm.read,
    "fields_get": Orm.fields_get,
    "check_access_rights": check_access_rights,
    "get_external_id": get_external_id,
    "has_access": has_access,
    "load": load,
    "message_post": message_post,
    "message_process": message_process,
    "set_message_done": set_message_done,
}


class Rpc:
    """Logins and calls on one store. Synchronous, so one call is never in the middle of another."""

    def __init__(self, store: Store, database: str, passwords: dict[str, str], major: int = 17) -> None:
        self.store = store
        self.database = database
        self.passwords = passwords
        self.major = major
        self.version = {
            "server_version": f"{major}.0",
            "server_version_info": [major, 0, 0, "final", 0, ""],
            "server_serie": f"{major}.0",
            "protocol_version": 1,
        }

    def dispatch(self, service: str, method: str, args: list[Any]) -> Any:
        """One request's result; raises what Odoo would raise."""
        if service == "common" and method == "version":
            return self.version
        if service == "common" and method in ("authenticate", "login"):
            return self._authenticate(str(args[0]), str(args[1]), str(args[2]))
        if service == "object" and method == "execute_kw":
            return self._execute(*args)
        raise NameError(f"Method not available {service}.{method}")

    def _authenticate(self, database: str, login: str, password: str) -> int | bool:
        self._require_database(database)
        for uid, user in self.store.tables["res.users"].items():
            if user["login"] == login and user["active"] and self.passwords.get(login) == password:
                return uid
        return False

    def _execute(
        self,
        database: str,
        uid: int,
        password: str,
        model: str,
        method: str,
        args: list[Any],
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self._require_database(database)
        login = self.store.tables["res.users"].get(int(uid), {}).get("login")
        if login is None or self.passwords.get(login) != password:
            raise AccessDenied("Access Denied")
        return self.run(int(uid), model, method, args, dict(kwargs or {}))

    def uid_of(self, database: str, key: str) -> int | None:
        """Whose API key that is; here a password is its user's key too. None for nobody's."""
        self._require_database(database)
        users = self.store.tables["res.users"].items()
        return next((uid for uid, user in users if user["active"] and self.passwords.get(user["login"]) == key), None)

    def knows(self, model: str) -> bool:
        """Whether a module that is installed has that model."""
        return model in self.store.models

    def run(self, uid: int, model: str, method: str, args: list[Any], named: dict[str, Any]) -> Any:
        """One method as that user."""
        if method.startswith("_"):
            raise AccessFault(f"Private methods (such as {method}) cannot be called remotely.")
        if not self.knows(model):
            raise OdooFault(f"Object {model} doesn't exist")
        orm = Orm(self.store, uid, named.pop("context", None) or {})
        with self.store.transaction():
            if (model, method) == ("ir.model.data", "check_object_reference"):
                return check_object_reference(orm, *args, **named)
            if method not in METHODS:
                raise AttributeError(f"The method '{method}' does not exist on the model '{model}'")
            return METHODS[method](orm, model, *args, **named)

    def _require_database(self, database: str) -> None:
        if database != self.database:
            raise UnknownDatabase(f'connection to server failed: FATAL:  database "{database}" does not exist\n')
