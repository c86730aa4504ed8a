"""Exceptions that reach the client under Odoo's names (Odoo: `odoo.exceptions`, `http.serialize_exception`)."""

from typing import Any, ClassVar


class OdooFault(Exception):  # noqa: N818  # these stand for Odoo's classes, not for ours
    """Anything that Odoo raises on purpose; a UserError by default."""

    wire: ClassVar[str] = "odoo.exceptions.UserError"


class AccessDenied(OdooFault):
    wire = "odoo.exceptions.AccessDenied"


class AccessFault(OdooFault):
    wire = "odoo.exceptions.AccessError"


class MissingFault(OdooFault):
    wire = "odoo.exceptions.MissingError"


class ValidationFault(OdooFault):
    """`in_load` is what Odoo's `load` says of the same violation (Odoo: models.py PGERROR_TO_OE)."""

    wire = "odoo.exceptions.ValidationError"

    def __init__(self, text: str, in_load: str | None = None, field: str | None = None) -> None:
        super().__init__(text)
        self.in_load = in_load or text
        self.field = field


class SerializationFault(OdooFault):
    wire = "psycopg2.errors.SerializationFailure"


class UnknownDatabase(OdooFault):
    wire = "psycopg2.OperationalError"


def serialized(error: Exception) -> dict[str, Any]:
    """The `error` member of the JSON-RPC answer."""
    text = str(error.args[0]) if error.args else ""
    name = error.wire if isinstance(error, OdooFault) else f"builtins.{type(error).__name__}"
    data = {"name": name, "debug": "", "message": text, "arguments": [text], "context": {}}
    return {"code": 200, "message": "Odoo Server Error", "data": data}
