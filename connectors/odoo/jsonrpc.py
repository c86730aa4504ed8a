"""Odoo's JSON-RPC (`POST /jsonrpc`, Odoo up to 18): one request, one answer, no repeats."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.odoo.channel import Channel, json_object
from connectors.odoo.errors import from_fault, from_status
from connectors.odoo.port import OdooAccount, OdooVersion
from connectors.odoo.version import version_of
from runtime.errors import OutcomeUnknownError, PermanentError, TargetDownError


class JsonRpc:
    """Speaks `common` and `object` of one Odoo. The uid is asked for once and again when Odoo refuses it."""

    def __init__(self, account: OdooAccount, channel: Channel) -> None:
        self._account = account
        self._channel = channel
        self._login = asyncio.Lock()
        self._uid: int | None = None

    async def version(self) -> OdooVersion:
        """The server's version; raises as the port says."""
        answer = await self._send("common", "version", [])
        return version_of(answer.get("server_version") if isinstance(answer, dict) else None)

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        """`execute_kw`. Repeated once after a fresh login when the login is refused: Odoo checks it before anything."""
        uid = await self._authenticate()
        try:
            return await self._execute(uid, model, method, args, kwargs)
        except TargetDownError as error:
            if error.code != "odoo-login":
                raise
        if self._uid == uid:
            self._uid = None
        return await self._execute(await self._authenticate(), model, method, args, kwargs)

    async def _authenticate(self) -> int:
        async with self._login:
            if self._uid is None:
                who = [self._account.database, self._account.login, self._account.password, {}]
                try:
                    uid = await self._send("common", "authenticate", who)
                except OutcomeUnknownError as error:
                    # a login changes nothing, so this is no unknown outcome of the call that needed it
                    raise TargetDownError(error.text, code="odoo-down") from None
                if not uid:
                    text = f"Odoo refuses login {self._account.login!r} on database {self._account.database!r}"
                    raise TargetDownError(f"{text}: check the login, the password or the API key", code="odoo-login")
                self._uid = int(uid)
            return self._uid

    async def _execute(
        self, uid: int, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None
    ) -> Any:
        head = [self._account.database, uid, self._account.password]
        return await self._send("object", "execute_kw", [*head, model, method, list(args), dict(kwargs or {})], model)

    async def _send(self, service: str, method: str, args: list[Any], model: str | None = None) -> Any:
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        response = await self._channel.post("/jsonrpc", body)
        if refused := from_status(response.status_code):
            raise refused
        answer = json_object(response)
        if "jsonrpc" not in answer:
            raise PermanentError("no Odoo answers at this URL: the answer is not JSON-RPC", code="odoo-url")
        if "error" in answer:
            raise self._channel.redacted(from_fault(answer["error"], model=model))
        return answer.get("result")
