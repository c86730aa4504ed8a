"""Odoo's JSON-RPC (`POST /jsonrpc`, Odoo up to 18): one request, one answer, no repeats."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.odoo.errors import from_fault, from_http, from_status
from connectors.odoo.port import OdooAccount, OdooVersion
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting and for one whole call, and how many calls at once (as many as Odoo has workers).

    A call waits at most `call_seconds` for its turn, unsent, and then takes at most as long again. The first one
    also logs in, which takes Odoo about a second.
    """

    connect_seconds: float = 5.0
    call_seconds: float = 60.0
    concurrency: int = 2


class JsonRpc:
    """Speaks `common` and `object` of one Odoo. The uid is asked for once and again when Odoo refuses it."""

    def __init__(self, account: OdooAccount, limits: Limits | None = None) -> None:
        self.account = account
        self.limits = limits or Limits()
        self._slots = asyncio.Semaphore(self.limits.concurrency)
        self._login = asyncio.Lock()
        self._uid: int | None = None
        seconds = httpx.Timeout(self.limits.call_seconds, connect=self.limits.connect_seconds)
        # Odoo closes every connection itself; behind a proxy that keeps them open they are used again.
        pool = httpx.Limits(max_connections=self.limits.concurrency)
        self._http = httpx.AsyncClient(timeout=seconds, limits=pool, follow_redirects=False)

    @property
    def call_seconds(self) -> float:
        """The longest that one call can take once it has its slot."""
        return self.limits.call_seconds

    async def version(self) -> OdooVersion:
        """The server's version; raises as the port says."""
        answer = await self._send("common", "version", [])
        try:
            text = str(answer["server_version"])
            digits = text.rpartition("~")[2].partition(".")[0]
            return OdooVersion(major=int(digits), text=text)
        except (TypeError, KeyError, ValueError):
            raise PermanentError("no Odoo answers at this URL: its version has no number", code="odoo-url") from None

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

    async def close(self) -> None:
        """Release the sockets. Never raises."""
        with contextlib.suppress(Exception):
            await self._http.aclose()

    async def _authenticate(self) -> int:
        async with self._login:
            if self._uid is None:
                who = [self.account.database, self.account.login, self.account.password, {}]
                try:
                    uid = await self._send("common", "authenticate", who)
                except OutcomeUnknownError as error:
                    # a login changes nothing, so this is no unknown outcome of the call that needed it
                    raise TargetDownError(error.text, code="odoo-down") from None
                if not uid:
                    text = f"Odoo refuses login {self.account.login!r} on database {self.account.database!r}"
                    raise TargetDownError(f"{text}: check the login, the password or the API key", code="odoo-login")
                self._uid = int(uid)
            return self._uid

    async def _execute(
        self, uid: int, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None
    ) -> Any:
        head = [self.account.database, uid, self.account.password]
        return await self._send("object", "execute_kw", [*head, model, method, list(args), dict(kwargs or {})], model)

    async def _send(self, service: str, method: str, args: list[Any], model: str | None = None) -> Any:
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        try:
            async with asyncio.timeout(self.limits.call_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise TransientError("no free connection to Odoo in time", code="odoo-busy") from None
        try:
            answer = await self._exchange(body)
        finally:
            self._slots.release()
        if "error" in answer:
            raise self._redacted(from_fault(answer["error"], model=model))
        return answer.get("result")

    async def _exchange(self, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self.limits.call_seconds):
                response = await self._http.post(self.account.url.rstrip("/") + "/jsonrpc", json=body)
        except httpx.HTTPError as error:
            raise from_http(error) from None
        except httpx.InvalidURL:
            raise PermanentError("Odoo's URL cannot be read; it looks like http://host:8069", code="odoo-url") from None
        except TimeoutError:
            raise OutcomeUnknownError("Odoo did not answer in time", code="odoo-outcome-unknown") from None
        refused = from_status(response.status_code)
        if refused is not None:
            raise refused
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise PermanentError("no Odoo answers at this URL: the answer is not JSON-RPC", code="odoo-url")
        return answer

    def _redacted(self, error: MaildeskError) -> MaildeskError:
        secret = self.account.password
        if not secret or secret not in error.text:
            return error
        return type(error)(error.text.replace(secret, "***"), code=error.code)
