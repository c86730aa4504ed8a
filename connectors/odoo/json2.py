"""Odoo's JSON-2 (`POST /json/2/<model>/<method>`, from Odoo 19 on): an API key, named parameters, HTTP's own statuses.

Source: Odoo 19 `addons/rpc/controllers/json2.py`, `odoo/http.py` (Json2Dispatcher).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from connectors.odoo.channel import Channel
from connectors.odoo.errors import ModelMissingError, bounded, from_fault, from_status
from connectors.odoo.port import OdooAccount, OdooVersion
from connectors.odoo.version import version_of, web_version
from runtime.errors import InvalidInputError, MaildeskError, PermanentError, TargetDownError

_NAMES = {
    "check_object_reference": ("module", "xml_id"),
    "create": ("vals_list",),
    "fields_get": ("allfields",),
    "get_external_id": ("ids",),
    "load": ("fields", "data"),
    "message_post": ("ids",),
    "message_process": ("model", "message"),
    "name_search": ("name", "domain"),
    "read": ("ids", "fields"),
    "search": ("domain",),
    "search_count": ("domain",),
    "search_read": ("domain", "fields"),
    "set_message_done": ("ids",),
    "unlink": ("ids",),
    "write": ("ids", "vals"),
}
"""What JSON-RPC passes by position. Of other methods the parameters are named by the caller, the records as `ids`."""


class Json2:
    """Speaks to one database of Odoo 19 or newer. `account.password` is an API key; the login goes with it."""

    def __init__(self, account: OdooAccount, channel: Channel) -> None:
        self._channel = channel
        self._headers = {"Authorization": f"bearer {account.password}", "X-Odoo-Database": account.database}
        self._database = account.database

    async def version(self) -> OdooVersion:
        """The server's version; raises as the port says."""
        return await web_version(self._channel) or version_of(None)

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        """One method, once. Raises InvalidInputError for parameters whose names are not known."""
        named = dict(zip(_names(method, len(args)), args, strict=False))
        response = await self._channel.post(f"/json/2/{model}/{method}", {**named, **(kwargs or {})}, self._headers)
        try:
            answer = response.json()
        except ValueError:
            raise self._unanswered(response) from None
        if response.status_code == 200:
            return answer
        fault = answer if isinstance(answer, dict) else {"message": str(answer)}
        raise self._channel.redacted(_translated(response.status_code, fault, model))

    def _unanswered(self, response: httpx.Response) -> MaildeskError:
        """Odoo answers a call in JSON, also with a fault; a database that is not there it only knows as a web page."""
        if response.status_code == 404:
            text = f"Odoo has no database {self._database!r}, or does not show it to this host name"
            return TargetDownError(text, code="odoo-database")
        return from_status(response.status_code) or PermanentError(
            "no Odoo answers at this URL: the answer is not JSON", code="odoo-url"
        )


def _names(method: str, count: int) -> tuple[str, ...]:
    names = _NAMES.get(method, ())
    if count > len(names):
        raise InvalidInputError(f"JSON-2 takes named parameters only; {method} was given {count} without a name")
    return names


def _translated(status: int, fault: Mapping[str, Any], model: str) -> MaildeskError:
    name, text = str(fault.get("name") or ""), bounded(fault.get("message") or "no text")
    if status == 401:
        remedy = "make a key in Odoo (Preferences, Account Security, New API Key) and give it as ODOO_PASSWORD"
        return TargetDownError(f"Odoo refuses the API key: {text}; {remedy}", code="odoo-login")
    if name.startswith("werkzeug.") or not name:
        if status == 404 and f"the model {model!r} does not exist" in text:
            return ModelMissingError(f"Odoo has no model {model}; its module is not installed")
        gateway = from_status(status) if status in (429, 502, 503, 504) else None
        return gateway or PermanentError(f"Odoo cannot take the call: {text}", code="odoo-fault")
    return from_fault({"data": fault}, model=model)
